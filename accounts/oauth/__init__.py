"""OAuth clients and access tokens."""
