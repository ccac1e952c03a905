"""Seeded worlds, reset, clock, triggers and the webhook inbox of sandbox tenants. Drives domain services."""
