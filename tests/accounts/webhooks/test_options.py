"""What an endpoint may ask for beside its address: what is refused, kept, sealed, told and carried to the plane."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from accounts.applications.service import seeding_side
from accounts.audit.queries import list_entries
from accounts.webhooks.models import LISTENER
from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.options import Options
from accounts.webhooks.options import checked_options
from accounts.webhooks.service import change_signature
from accounts.webhooks.service import create_endpoint
from accounts.webhooks.service import delete_endpoint
from accounts.webhooks.service import get_endpoint
from accounts.webhooks.service import list_endpoints
from accounts.webhooks.service import rotate_secret
from accounts.webhooks.service import update_endpoint
from accounts.webhooks.sync import document_of
from kit.crypto import vault
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlanRequired
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.accounts.conftest import Account

URL = "https://pos.example.com/hooks"
FILTER = {"field": "totals.total", "operator": "gte", "value": 50}
SECRET = "Bearer hunter2"
OPTIONS: Options = {
    "location_ids": ["loc_1", "loc_2"], "filters": [FILTER], "headers": {"authorization": SECRET, "x-shop": "7"},
    "max_in_flight": 4, "max_per_second": 20,
}  # fmt: skip
PLAIN = ("location_ids", "filters", "header_names", "max_in_flight", "max_per_second", "signature", "public_key")
UNCHANGED = ([], [], [], 32, None, "v1", None)


def plain(row: WebhookEndpoint | Subscription) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in PLAIN)


def headers_of(endpoint: WebhookEndpoint) -> Any:
    place = ("control", endpoint.application_id, "webhook_endpoints", endpoint.id, "headers")
    return json.loads(vault.box.open(endpoint.sealed_headers, *place))


def opened(endpoint: WebhookEndpoint, sealed: str) -> str:
    return vault.box.open(sealed, "control", endpoint.application_id, "webhook_endpoints", endpoint.id, "secret")


def test_options_are_kept_and_carried_to_the_plane(account: Account):
    with control_unit():
        issued = create_endpoint(account.side(), url=URL, event_types=["order.*"], options=OPTIONS)
    wanted = (["loc_1", "loc_2"], [FILTER], ["authorization", "x-shop"], 4, 20, "v1", None)
    with unit_of_work(account.scope, writes=False):
        copy = session(account.scope).scalar(Subscription.owned_by(account.scope).where(Subscription.id == issued.endpoint.id))
    assert (plain(issued.endpoint), plain(copy)) == (wanted, wanted)
    assert copy.event_types == ["order.*"]
    assert headers_of(issued.endpoint) == OPTIONS["headers"]
    place = (account.scope.environment, account.scope.tenant_id, "subscriptions", copy.id, "headers")
    assert json.loads(vault.box.open(copy.sealed_headers, *place)) == OPTIONS["headers"]


def test_options_that_are_not_given_stay_and_repeated_ones_change_nothing(account: Account):
    endpoint_id = account.signed_up.endpoint_id
    with control_unit(writes=False):
        assert plain(get_endpoint(account.side(), endpoint_id=endpoint_id)) == UNCHANGED
    for options, version in ((OPTIONS, 2), (OPTIONS, 2), ({"max_per_second": None}, 3), ({"headers": {"X-Shop": "8"}}, 4)):
        with control_unit():
            endpoint = update_endpoint(account.side(), endpoint_id=endpoint_id, options=options)
        assert endpoint.version == version
    assert plain(endpoint) == (["loc_1", "loc_2"], [FILTER], ["x-shop"], 4, None, "v1", None)
    assert headers_of(endpoint) == {"x-shop": "8"}
    with control_unit():
        endpoint = update_endpoint(
            account.side(), endpoint_id=endpoint_id,
            options={"location_ids": [], "filters": [], "headers": {}, "max_in_flight": 32},
        )  # fmt: skip
    assert (plain(endpoint), endpoint.sealed_headers) == (UNCHANGED, None)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"location_ids": ["loc_1", "", "a b", "x" * 65, 7]}, [f"location_ids[{index}]" for index in (1, 2, 3, 4)]),
        ({"location_ids": ["loc_1"] * 51}, ["location_ids"]),
        ({"filters": [FILTER, {**FILTER, "operator": "near"}]}, ["filters[1].operator"]),
        ({"filters": [FILTER] * 11}, ["filters"]),
        *(
            ({"headers": {name: "x"}}, [f"headers.{name}"])
            for name in (
                "Content-Type", "content-length", "Host", "user-agent", "connection", "transfer-encoding", "cookie", "te",
                "trailer", "upgrade", "keep-alive", "proxy-authorization", "expect", "accept-encoding", "webhook-id",
                "Webhook-Other", "x-tableport-event", "X-TableSpot-Event", "x-table",
            )
        ),
        *(({"headers": {name: SECRET}}, ["headers"]) for name in ("", "a b", "x:y", "é", "a" * 65, SECRET)),
        *(
            ({"headers": {"x-a": value}}, ["headers.x-a"])
            for value in ("", " ", "a\r\nb: c", "a\tb", "\x7f", "é", " a", "a ", "a" * 501, None, 7)
        ),
        ({"headers": {"x-a": "1", "X-A": "2"}}, ["headers.x-a", "headers.X-A"]),
        ({"headers": {f"x-{number}": "1" for number in range(11)}}, ["headers"]),
        *(({"max_in_flight": value}, ["max_in_flight"]) for value in (0, 33, None, True, 1.5, "4")),
        *(({"max_per_second": value}, ["max_per_second"]) for value in (0, 1001, False, "4")),
        ({"max_in_flight": 0, "max_per_second": 0, "filters": [{}]},
         ["max_in_flight", "max_per_second", "filters[0].field", "filters[0].operator", "filters[0].value"]),
    ],
)  # fmt: skip
def test_options_are_refused_with_their_fields(options: Any, fields: list[str]):
    with pytest.raises(Invalid) as refused:
        checked_options(options)
    assert [error.field for error in refused.value.errors] == fields
    assert "hunter2" not in f"{refused.value.detail} {refused.value.errors}"


def test_wrong_options_change_nothing(account: Account):
    endpoint_id = account.signed_up.endpoint_id
    for options in ({"max_in_flight": 0}, {"headers": {"host": "x"}}, {"filters": [{}]}, {"location_ids": [""]}):
        with pytest.raises(Invalid), control_unit():
            create_endpoint(account.side(), url=URL, event_types=["*"], options=options)
        with pytest.raises(Invalid), control_unit():
            update_endpoint(account.side(), endpoint_id=endpoint_id, description="x", options=options)
    with control_unit(writes=False):
        [endpoint] = list_endpoints(account.side())
    assert (endpoint.version, plain(endpoint)) == (1, UNCHANGED)


def test_values_of_headers_and_filters_are_in_no_audit_entry_document_or_refusal(account: Account):
    filters = [{"field": "phone", "operator": "eq", "value": "+48601998877"}]
    with control_unit():
        made = create_endpoint(account.side(), url=URL, event_types=["*"], options=OPTIONS).endpoint
        update_endpoint(account.side(), endpoint_id=made.id, options={"headers": {"authorization": SECRET + "2"}})
        update_endpoint(account.side(), endpoint_id=made.id, options={"filters": filters})
    with pytest.raises(Invalid) as refused, control_unit():
        update_endpoint(account.side(), endpoint_id=made.id, options={"headers": {SECRET: SECRET, "x-a": SECRET + "\n"}})
    with control_unit(writes=False):
        entries = list_entries(account.member, limit=3)
        shown = document_of(get_endpoint(account.side(), endpoint_id=made.id))
    told = [{name: entry.details[name] for name in ("header_names", "filters") if name in entry.details} for entry in entries]
    assert told == [{"filters": ["phone eq"]}, {"header_names": ["authorization"]}, {}]
    everything = f"{[entry.details for entry in entries]} {shown} {refused.value.detail} {refused.value.errors}"
    assert "hunter2" not in everything
    assert "sealed" not in everything
    assert "+48601998877" not in str([entry.details for entry in entries])


def test_headers_of_a_deleted_endpoint_are_forgotten(account: Account):
    with control_unit():
        made = create_endpoint(account.side(), url=URL, event_types=["*"], options=OPTIONS).endpoint
        delete_endpoint(account.side(), endpoint_id=made.id)
    with control_unit(writes=False):
        row = control().session.scalar(select(WebhookEndpoint).where(WebhookEndpoint.id == made.id))
    assert (row.sealed_headers, row.header_names) == (None, [])


def test_family_gives_what_plan_and_scopes_allow_and_is_refused_when_that_is_nothing(account: Account):
    with control_unit():
        smart = account.production_side("smart")
        assert create_endpoint(smart, url=URL, event_types=["order.*", "payment.*"]).endpoint.event_types == [
            "order.*", "payment.*",
        ]  # fmt: skip
    with pytest.raises(PlanRequired) as refused, control_unit():
        create_endpoint(account.side(Environment.PRODUCTION), url=URL, event_types=["order.*", "menu.item.*"])
    assert refused.value.data == {"required_plan": "pro"}
    with control_unit():
        small = replace(account.side(), scopes=frozenset({"orders:read"}), made_by="api", role=None)
        create_endpoint(small, url=URL, event_types=["order.*"])
    with pytest.raises(Forbidden) as denied, control_unit():
        create_endpoint(small, url=URL, event_types=["order.*", "payment.*"])
    assert denied.value.data == {"required_scopes": ["payments:read"]}


@pytest.mark.parametrize("word", ["orders.*", "order.**", "*.*", "order*", "order.created.*", "menu.item.", ".*", "order.*.*"])
def test_unknown_family_is_refused_with_its_field(account: Account, word: str):
    with pytest.raises(Invalid) as refused, control_unit():
        create_endpoint(account.side(), url=URL, event_types=["order.*", word])
    assert [error.field for error in refused.value.errors] == ["events[1]"]


def test_endpoint_with_a_public_key_keeps_its_private_key_to_itself(account: Account):
    with control_unit():
        issued = create_endpoint(account.side(), url=URL, event_types=["*"], signature="v1a")
        first = issued.endpoint.public_key
        private = opened(issued.endpoint, issued.endpoint.sealed_secret)
        again = rotate_secret(account.side(), endpoint_id=issued.endpoint.id)
    assert (issued.secret, again) == (None, None)
    assert (first[:5], private[:5], len(first), len(private)) == ("whpk_", "whsk_", 49, 93)
    assert issued.endpoint.public_key not in (None, first)
    assert opened(issued.endpoint, issued.endpoint.sealed_previous_secret) == private
    with pytest.raises(Invalid) as refused, control_unit():
        create_endpoint(account.side(), url=URL, event_types=["*"], signature="v2")
    assert [error.field for error in refused.value.errors] == ["signature"]


def test_another_scheme_signs_at_once_and_the_old_key_for_a_day(account: Account):
    with control_unit():
        issued = create_endpoint(account.side(), url=URL, event_types=["*"])
        endpoint, side = issued.endpoint, account.side()
        assert change_signature(side, endpoint_id=endpoint.id, signature="v1") is None
        assert endpoint.version == 1
        assert change_signature(side, endpoint_id=endpoint.id, signature="v1a") is None
        assert (endpoint.signature, endpoint.public_key[:5], endpoint.version) == ("v1a", "whpk_", 2)
        assert opened(endpoint, endpoint.sealed_previous_secret) == issued.secret
        assert endpoint.previous_secret_expires_at is not None
        secret = change_signature(side, endpoint_id=endpoint.id, signature="v1")
    assert (endpoint.signature, endpoint.public_key, secret[:6]) == ("v1", None, "whsec_")
    assert opened(endpoint, endpoint.sealed_secret) == secret
    assert opened(endpoint, endpoint.sealed_previous_secret).startswith("whsk_")


def test_scheme_of_a_listener_or_of_somebody_else_cannot_be_changed(account: Account, stranger: Account):
    with control_unit():
        side = replace(seeding_side(application_id=account.application_id), made_by=LISTENER)
        listener = create_endpoint(side, url="https://listen.sandbox.invalid/a", event_types=["*"]).endpoint
    with pytest.raises(Invalid) as refused, control_unit():
        change_signature(account.side(), endpoint_id=listener.id, signature="v1a")
    assert [error.field for error in refused.value.errors] == ["signature"]
    with pytest.raises(NotFound), control_unit():
        change_signature(account.side(), endpoint_id=stranger.signed_up.endpoint_id, signature="v1a")
    with control_unit():
        reader = account.colleague("viewer")
    with pytest.raises(Forbidden), control_unit():
        change_signature(account.side(member=reader), endpoint_id=account.signed_up.endpoint_id, signature="v1a")
