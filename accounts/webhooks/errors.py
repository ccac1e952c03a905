"""Refusals about webhook endpoints and deliveries."""

from kit.errors import Conflict


class DeliveryNotRetryable(Conflict):
    code, title = "delivery_not_retryable", "Only a delivery that waits or was given up can be sent again"
