"""Carts and checkout in the Core API."""
