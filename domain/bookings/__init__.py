"""Reservations, holds, the slot grid that makes double booking impossible, and the waitlist."""
