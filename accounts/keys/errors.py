"""Refusals about API keys."""

from kit.errors import Conflict


class KeyNotActive(Conflict):
    code, title = "key_not_active", "This key is revoked, expired or already replaced"
