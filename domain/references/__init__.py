"""What other products call our objects."""
