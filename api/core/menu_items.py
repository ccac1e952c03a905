"""Menu items in the Core API."""
