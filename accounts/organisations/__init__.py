"""Partner organisations and their members."""
