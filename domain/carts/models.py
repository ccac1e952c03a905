"""Carts and their checkout. Rows."""
