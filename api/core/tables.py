"""Tables and the live floor in the Core API."""
