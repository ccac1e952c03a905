"""Invitations: how people come to belong to an organisation that exists already."""
