"""Refusals about applications and their tenants."""

from kit.errors import Conflict


class ApplicationNameTaken(Conflict):
    code, title = "application_name_taken", "The organisation already has an application of this name"


class ProductionNotConnected(Conflict):
    code, title = "production_not_connected", "No restaurant has connected this application in production yet"
