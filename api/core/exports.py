"""Exports and their schedules in the Core API."""
