"""Applications, tenants and connections."""
