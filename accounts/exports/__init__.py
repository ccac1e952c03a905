"""Exports: files of a tenant's data, made in the background."""
