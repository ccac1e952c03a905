"""The events webhooks cause about themselves."""

from dataclasses import dataclass

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class EndpointDisabled(Event):
    """An endpoint stopped working and gets nothing more until someone enables it. object: the endpoint's document."""

    type = "webhook.endpoint.disabled"


@dataclass(frozen=True, kw_only=True)
class EndpointFailing(Event):
    """An endpoint comes near to being disabled. object: its document, how near it is, and since when it has failed."""

    type = "webhook.endpoint.failing"
