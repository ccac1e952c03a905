"""django-outbound-webhooks delivering the same number of events: run by benchmarks.deliveries with an interpreter of its own.

Usage: python benchmarks/peers/outbound.py DATABASE HOST USER URL DELIVERIES ENDPOINTS [one-client]

Prints wall and CPU seconds as JSON. With `one-client` its relay keeps one HTTP client instead of building one, TLS context
included, for each delivery.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import django
from django.conf import settings

DATABASE, HOST, USER, URL, DELIVERIES, ENDPOINTS = sys.argv[1:7]
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": DATABASE, "HOST": HOST, "USER": USER}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_domain_events", "django_outbound_webhooks"],
    DJANGO_OUTBOUND_WEBHOOKS={"ALLOW_PRIVATE_ADDRESSES": True},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()  # before anything that has models is imported

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django_domain_events import deliver_pending  # noqa: E402
from django_domain_events import event  # noqa: E402
from django_domain_events import fire  # noqa: E402
from django_outbound_webhooks import register_endpoint  # noqa: E402
from django_outbound_webhooks.delivery import deliver_due  # noqa: E402

NAME = "benchmark.OrderCreated"
ORDER = {"id": "ord_1", "status": "accepted", "lines": [{"name": "Bacon Cheeseburger", "quantity": 1, "price": "38.50"}] * 4}


@event(name=NAME)
@dataclass(frozen=True)
class OrderCreated:
    """An event of about the size of ours, as text: its codec takes no nested values."""

    order: str


def keep_one_client() -> None:
    """Let every delivery use the same client."""
    client = deliver_due.webhook_client()

    @contextmanager
    def kept() -> Iterator[Any]:
        yield client

    deliver_due.webhook_client = kept


def main() -> None:
    """Fire, deliver, print."""
    call_command("migrate", verbosity=0)
    if "one-client" in sys.argv:
        keep_one_client()
    for number in range(int(ENDPOINTS)):
        register_endpoint(name=str(number), url=URL, secret="whsec_" + "A" * 43 + "=", event_names=[NAME])
    for _ in range(int(DELIVERIES) // int(ENDPOINTS)):
        with transaction.atomic():
            fire(OrderCreated(order=json.dumps(ORDER)))
    wall, cpu = time.perf_counter(), time.process_time()
    delivered = 0
    while counts := deliver_pending(worker_id="benchmark"):
        delivered += sum(count for status, count in counts.items() if status.value == "succeeded")
    if delivered != int(DELIVERIES):
        raise RuntimeError(f"{delivered} of {DELIVERIES} were delivered")
    print(json.dumps({"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
