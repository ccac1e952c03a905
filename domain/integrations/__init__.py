"""Connections to other systems, their mappings and sync runs."""
