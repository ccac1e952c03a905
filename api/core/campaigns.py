"""Campaigns and SMS alerts in the Core API."""
