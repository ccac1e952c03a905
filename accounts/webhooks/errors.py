"""Refusals about webhook endpoints and deliveries."""

from kit.errors import Conflict


class DeliveryNotRetryable(Conflict):
    code, title = "delivery_not_retryable", "Only a delivery that waits or was given up can be sent again"


class EndpointIsDisabled(Conflict):
    code, title = "endpoint_disabled", "The endpoint is disabled; enable it first"


class ReplayInProgress(Conflict):
    code, title = "replay_in_progress", "A replay to this endpoint is still being delivered"
