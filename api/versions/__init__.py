"""Dated API versions, oldest first. A new one is a module with `upgrade` and `downgrade`, added to this list."""

VERSIONS = ("2026-11-01",)
CURRENT = VERSIONS[-1]
HEADERS = ("Tableport-Version", "TM-Version")  # the second is the spelling of the Core API's source document
