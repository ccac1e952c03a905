"""What guests say, its sentiment, and the answers."""
