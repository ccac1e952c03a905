"""Without customers:pii no answer shows how to reach a guest, whatever the endpoint."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from accounts.plans.scopes import scopes_of
from api.operations import Operation
from api.operations import operations
from api.requestlog import request_log
from kit.planes import Environment
from tests.api import persona
from tests.api import samples
from tests.api.callers import Caller
from tests.api.partners import sandbox_partner

READ = [operation for operation in operations if operation.method == "GET"]
PII = "customers:pii"


@dataclass(frozen=True)
class Restricted:
    """Who may read everything but contact data, where there is a guest to be read about."""

    caller: Caller
    ids: dict[str, str]


@pytest.fixture(scope="module")
def restricted(app: Flask) -> Iterator[Restricted]:
    own = sandbox_partner(plan_tier="enterprise")
    caller = Caller(app, own.issue().text)
    made = persona.settle(caller, own)
    ids = samples.build_objects(own, caller)
    own_ids = {name: getattr(made, name) for name in made.__dataclass_fields__ if name in ids}
    request_log.flush()
    masked = Caller(app, own.issue(scopes_of(Environment.SANDBOX) - {PII}).text)
    yield Restricted(masked, {**ids, **own_ids, "customer_id": made.customer_id})
    request_log.flush()


def shown_contacts(text: str) -> list[str]:
    return [contact for contact in persona.CONTACTS if contact in text]


@pytest.mark.compliance("ASVS 5.0 8.2.3")
@pytest.mark.parametrize("operation", READ, ids=lambda one: one.name)
def test_reading_without_customers_pii_shows_no_contact(operation: Operation, restricted: Restricted) -> None:
    path = samples.path_of(operation, restricted.ids)
    answer = restricted.caller.get(f"{path}?limit=100" if operation.is_list else path)
    assert shown_contacts(answer.text) == []


def test_log_of_a_call_by_another_key_shows_no_contact(restricted: Restricted) -> None:
    seen, after = [], ""
    while True:
        page = restricted.caller.get(f"/v1/logs?limit=100{after}").json
        seen += page["data"]
        if not page["has_more"]:
            break
        after = f"&cursor={page['next_cursor']}"
    assert shown_contacts(str(seen)) == []
    entering = [row["request_id"] for row in seen if row["method"] == "POST" and row["path"] == "/v1/customers"]
    details = [restricted.caller.get(f"/v1/logs/{request_id}").text for request_id in entering]
    assert len(details) >= 2
    assert [shown_contacts(text) for text in details] == [[]] * len(details)
