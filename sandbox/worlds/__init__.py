"""The restaurants a sandbox can be filled with."""
