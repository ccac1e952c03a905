"""Fixtures and state of a sandbox, as its callers read them."""

from collections.abc import Callable

import pytest
from flask import Flask

from sandbox.worlds import minimal
from tests.api.callers import Caller
from tests.api.partners import Partner


@pytest.fixture
def caller(app: Flask, new_partner: Callable[..., Partner]) -> Caller:
    return Caller(app, new_partner().key)


def test_fixtures_are_named_by_kind_with_the_worlds_endpoints(caller: Caller) -> None:
    named = caller.get("/sandbox/v1/fixtures").json["fixtures"]
    urls = [caller.get(f"/v1/webhooks/{endpoint_id}").json["url"] for endpoint_id in named["webhook_endpoints"]]

    assert {kind: ids for kind, ids in named.items() if kind != "webhook_endpoints"} == minimal.FIXTURES
    assert {"https://hooks.sandbox.invalid/ok", "https://hooks.sandbox.invalid/fail-502"} < set(urls)
    assert (len(urls), sum(url.startswith("https://inbox.sandbox.invalid/") for url in urls)) == (3, 1)


def test_reset_answers_with_the_same_fixtures(caller: Caller) -> None:
    answer = caller.post("/sandbox/v1/reset")

    assert (answer.status_code, answer.json["fixtures"]) == (200, caller.get("/sandbox/v1/fixtures").json["fixtures"])


@pytest.mark.parametrize(
    "path",
    [
        "/v1/orders/ord_89407", "/v1/reservations/res_waw_3", "/v1/loyalty/programs/prg_regulars", "/v1/loyalty/members/mem_anna",
        "/v1/segments/seg_regulars", "/v1/reviews/rev_001", "/v1/campaigns/cam_winter", "/v1/promo-codes/WELCOME10",
        "/v1/integrations/int_till", "/v1/payments/pay_waw_deposit", "/v1/tables/tbl_waw_1", "/v1/customers/cus_anna",
    ],
)  # fmt: skip
def test_fixture_is_printed(caller: Caller, path: str) -> None:
    answer = caller.get(path)
    assert (answer.status_code, answer.json.get("code") in (None, "WELCOME10", "R-1042")) == (200, True), answer.text


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ('{"status": 7.5}', "overrides.status"), ('{"unheard_of": {"of": [1.5]}}', "overrides.unheard_of"),
        ('{"status": 1e999}', "overrides"), ('{"version": 9223372036854775808}', "overrides"),
    ],
    ids=["decimal", "nested-decimal", "infinite", "beyond-64-bits"],
)  # fmt: skip
def test_override_with_a_number_no_field_takes_is_refused(caller: Caller, overrides: str, field: str) -> None:
    body = f'{{"type": "payment.created", "overrides": {overrides}}}'
    answer = caller.post("/sandbox/v1/events/trigger", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
