"""Money taken for orders and given back."""
