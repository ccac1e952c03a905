"""Rows for tests, by capability: build_x() is a valid column dict, create_x(scope) writes it in the open unit."""
