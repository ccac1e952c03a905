"""What pages offer: no link and no form that the door would refuse to whoever sees it."""

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from accounts.organisations.members import Member
from accounts.organisations.models import ROLES
from portal.pages import may_open
from tests.policy.conftest import OPERATOR
from tests.policy.conftest import Signed

STARTS = {OPERATOR: ("/admin", "/organisations"), **dict.fromkeys(ROLES, ("/sandbox/dashboard", "/live/dashboard"))}


class Offers(HTMLParser):
    """Where a page leads: (method, address) of its links and forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.found.append(("GET", values.get("href") or ""))
        if tag == "form":
            self.found.append(((values.get("method") or "get").upper(), values.get("action") or ""))


@pytest.mark.parametrize("who", [*ROLES, OPERATOR])
def test_everything_a_page_offers_may_be_used_by_who_sees_it(
    who: str, app: Flask, people: dict[str, Member], signed: Callable[[str], Signed]
) -> None:
    adapter, browser = app.url_map.bind("localhost"), signed(who)
    waiting, seen, broken = list(STARTS[who]), set(), []
    while waiting:
        answer = browser.client.get(waiting.pop())
        assert answer.status_code == 200
        for method, address in Offers(answer.text).found:
            try:
                endpoint, arguments = adapter.match(urlsplit(address).path, method=method)
            except HTTPException:  # a place on the page, or an address elsewhere
                continue
            name = endpoint.removeprefix("portal.")
            if not endpoint.startswith("portal."):
                continue
            if not may_open(people[who], name):
                broken.append((answer.request.path, method, address))
            elif method == "GET" and (name, arguments.get("environment")) not in seen and not name.startswith(SKIPPED):
                seen.add((name, arguments.get("environment")))
                waiting.append(address)
    assert broken == []
    assert len(seen) >= (5 if who == OPERATOR else 12)


# Documentation asks for no permission; files are no pages.
SKIPPED = (
    "export_", "show_home", "show_quickstart", "show_errors", "show_plans", "show_events", "show_receiving", "show_scopes",
    "show_oauth", "show_reference", "show_area", "show_examples", "show_versions", "show_sandbox", "show_roles",
)  # fmt: skip
