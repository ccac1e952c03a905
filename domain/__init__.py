"""The restaurant: locations, menus, guests, orders, payments. No HTTP, no JSON, no queue."""
