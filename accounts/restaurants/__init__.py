"""Which organisation a restaurant group belongs to."""
