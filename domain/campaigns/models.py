"""Campaigns to consenting guests, and promo codes. Rows."""
