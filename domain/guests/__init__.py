"""Who a restaurant serves."""
