"""Promo codes in the Core API."""
