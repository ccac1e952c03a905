"""Pairing a command-line client with an application's sandbox: a person in the portal agrees, the client gets a key."""
