"""What goes on at the tables of a location right now, from its tables, orders, reservations and holds."""
