"""Mails the platform sends to people."""
