"""Reviews in the Core API."""
