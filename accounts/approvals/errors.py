"""Refusals about production access."""

from kit.errors import Conflict


class ProductionAlreadyRequested(Conflict):
    code, title = "production_already_requested", "This application has production access or an open request for it"


class RequestAlreadyDecided(Conflict):
    code, title = "request_already_decided", "This request is no longer open"
