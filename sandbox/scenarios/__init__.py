"""Evenings a restaurant remembers, played on demand by the services everybody uses."""
