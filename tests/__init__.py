"""The suite. Every level has an __init__.py, so that tests/api is never imported as `api`."""
