"""Request logs a partner reads."""
