"""Analytics in the Core API."""
