"""Campaigns to consenting guests, and promo codes."""
