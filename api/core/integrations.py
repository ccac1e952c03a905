"""Integrations in the Core API."""
