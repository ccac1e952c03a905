"""The waitlist in the Core API."""
