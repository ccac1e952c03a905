"""Loyalty programs, members, points and rewards in the Core API."""
