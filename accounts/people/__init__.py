"""People, passwords and browser sessions."""
