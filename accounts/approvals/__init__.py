"""Requests for production access and their decisions."""
