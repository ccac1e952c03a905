"""Carts and their checkout."""
