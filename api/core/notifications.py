"""Notices to staff in the Core API."""
