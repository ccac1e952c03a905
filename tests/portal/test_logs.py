"""The list of calls: filters, paging and the rows alone for the refresh."""

import pytest
from flask import Flask

from portal.logs import as_curl
from tests.portal.conftest import Partner
from tests.portal.test_walk import wait_for


@pytest.fixture
def caller(app: Flask, partner: Partner) -> Partner:
    """A partner with three calls: one that worked, one refused, one for another resource."""
    client, headers = app.test_client(), {"Authorization": f"Bearer {partner.key}"}
    client.get("/v1/menu-items?limit=1", headers=headers)
    client.get("/v1/orders/ord_none", headers=headers)
    client.post("/v1/orders", headers=headers, json={"items": []})
    wait_for(partner.visitor, "/sandbox/logs", "<strong>POST</strong>")
    return partner


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("status=2xx", "/v1/menu-items", "/v1/orders"),
        ("status=404", "/v1/orders/ord_none", "/v1/menu-items"),
        ("method=POST", "<strong>POST</strong>", "<strong>GET</strong>"),
        ("path=/v1/menu", "/v1/menu-items", "ord_none"),
    ],
    ids=["class", "number", "method", "path"],
)
def test_filter_in_the_address_narrows_the_list(caller: Partner, query: str, shown: str, hidden: str) -> None:
    rows = caller.visitor.get(f"/sandbox/logs?{query}", HX_Request="true").text

    assert shown in rows
    assert hidden not in rows


def test_filter_that_fits_nothing_says_so(caller: Partner) -> None:
    assert "No call fits these filters" in caller.visitor.get("/sandbox/logs?status=5xx").text


def test_filter_that_is_no_status_is_422(caller: Partner) -> None:
    assert caller.visitor.get("/sandbox/logs?status=blue").status_code == 422


def test_refresh_gets_rows_without_the_frame(caller: Partner) -> None:
    rows = caller.visitor.get("/sandbox/logs", HX_Request="true").text

    assert "<html" not in rows
    assert "/v1/menu-items" in rows


def test_older_calls_are_on_the_next_page(app: Flask, partner: Partner) -> None:
    client, headers = app.test_client(), {"Authorization": f"Bearer {partner.key}"}
    for number in range(27):
        client.get(f"/v1/orders/ord_{number:02d}", headers=headers)
    wait_for(partner.visitor, "/sandbox/logs", "ord_26")

    first = partner.visitor.page.text if partner.visitor.page else ""
    second = partner.visitor.get(next(link for link in partner.visitor.links("/sandbox/logs") if "after=" in link)).text

    shown = [f"ord_{number:02d}" for number in range(27)]
    assert [name for name in shown if name in first] == shown[2:]
    assert [name for name in shown if name in second] == shown[:2]


def test_forged_position_is_400(partner: Partner) -> None:
    assert partner.visitor.get("/sandbox/logs?after=Zm9yZ2Vk").status_code == 400


def test_curl_line_quotes_what_a_shell_would_read(app: Flask) -> None:
    entry = {
        "method": "POST", "path": "/v1/orders", "query": "", "request_body": "{\"notes\": \"it's $HOME\"}",
        "request_headers": {"Content-Type": "application/json", "Authorization": "[redacted]", "Sec-Fetch-Mode": "cors"},
    }  # fmt: skip

    with app.app_context():
        line = as_curl(entry)

    assert line.splitlines()[0].endswith("/v1/orders \\")
    assert line.splitlines()[1:] == [
        '  -H "Authorization: Bearer $TABLEPORT_KEY" \\',
        "  -H 'Content-Type: application/json' \\",
        """  -d '{"notes": "it'"'"'s $HOME"}'""",
    ]
