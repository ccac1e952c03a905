"""Modifier groups and modifiers in the Core API."""
