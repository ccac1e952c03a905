"""API keys: created, shown once, rolled, revoked."""
