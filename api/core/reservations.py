"""Reservations and availability in the Core API."""
