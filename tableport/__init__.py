"""The command-line client: a program of its own on a developer's machine.

It knows the platform by its HTTP interface only, needs the standard library and httpx, and imports nothing of the server.
"""
