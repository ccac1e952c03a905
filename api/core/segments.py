"""Customer segments in the Core API."""
