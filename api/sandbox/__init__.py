"""Sandbox control: `/sandbox/v1`. Every sandbox credential may call it with sandbox:control; production answers 404."""

from api.sandbox import actors
from api.sandbox import control
from api.sandbox import faults
from api.sandbox import inbox
from api.sandbox import listeners
from api.sandbox import scenarios
from api.sandbox import streams
from api.sandbox.door import blueprint

RESOURCES = (actors, control, faults, inbox, listeners, scenarios, streams)

__all__ = ["RESOURCES", "blueprint"]
