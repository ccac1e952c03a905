"""What the restaurant knows about a guest across all capabilities."""
