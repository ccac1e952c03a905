"""Where a restaurant sells: addresses, hours, status, tables."""
