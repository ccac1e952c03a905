"""The public documentation: complete, true to the code, and without a dead link."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from accounts.plans.catalog import Tier
from accounts.plans.scopes import SCOPES
from accounts.webhooks.catalog import EVENT_TYPES
from api.errors import problem
from api.operations import operations
from api.process import MODELS
from kit.errors import RateLimited
from kit.errors import registry
from portal.docs.error_texts import TEXTS
from portal.docs.plans import COLUMNS
from portal.docs.plans import span
from portal.docs.plans import tables
from portal.docs.reference import areas
from portal.headers import CONTENT_SECURITY_POLICY
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from worker import ladder
from worker import retries
from worker import signing

PAGES = (
    "/docs", "/docs/examples", "/docs/reference", "/docs/errors", "/docs/events", "/docs/webhooks/verify", "/docs/sandbox",
    "/docs/versions", "/docs/scopes", "/docs/plans", "/docs/oauth",
)  # fmt: skip
AREAS = (
    "analytics", "campaigns", "carts", "customers", "integrations", "locations", "loyalty", "menus", "orders", "payments",
    "reservations", "reviews", "platform", "sandbox",
)  # fmt: skip
ERRORS = [error for error in registry() if "code" in vars(error)] if MODELS else []
SECRET = "whsec_" + "A" * 43 + "="


class Outline(HTMLParser):
    """What a page is made of: ids, links, headings, and how many tables have a caption."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.tables = self.captions = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []
        self.levels += [int(tag[1])] if re.fullmatch(r"h[1-6]", tag) else []
        self.tables += tag == "table"
        self.captions += tag == "caption"


@pytest.mark.parametrize("path", PAGES)
def test_page_answers_anyone_and_is_well_formed(visitor: Visitor, path: str) -> None:
    answer = visitor.peek(path)
    outline = Outline(answer.text)

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert " style=" not in answer.text
    assert answer.text.count("<script") == answer.text.count("<script defer src=") == 2
    assert f'<a href="{path}" aria-current="page">' in answer.text
    assert outline.levels.count(1) == 1
    assert [pair for pair in zip(outline.levels, outline.levels[1:], strict=False) if pair[1] > pair[0] + 1] == []
    assert outline.tables == outline.captions
    assert len(outline.ids) == len(set(outline.ids))


@pytest.mark.parametrize("area", AREAS)
def test_page_of_an_area_is_well_formed_and_has_no_dead_link(app: Flask, visitor: Visitor, area: str) -> None:
    path = f"/docs/reference/{area}"
    outline = Outline(visitor.peek(path).text)
    client = app.test_client()
    pages = {link.partition("#")[0] or path for link in outline.links if link[0] in "/#"}
    ids = {page: Outline(client.get(page).text).ids for page in pages}

    assert len(outline.ids) == len(set(outline.ids))
    assert outline.tables == outline.captions
    assert [pair for pair in zip(outline.levels, outline.levels[1:], strict=False) if pair[1] > pair[0] + 1] == []
    anchors = [link.partition("#") for link in outline.links if link[0] in "/#" and "#" in link]
    assert [link for page, _, link in anchors if link not in ids[page or path]] == []


def test_reference_has_a_page_for_each_area_and_no_other(visitor: Visitor) -> None:
    assert tuple(areas()) == AREAS
    assert visitor.peek("/docs/reference/kitchen").status_code == 404


def test_documentation_is_linked_from_the_home_page_and_every_footer(visitor: Visitor) -> None:
    visitor.get("/")
    assert visitor.page is not None
    assert visitor.page.text.count('href="/docs"') == 3  # header, hero, footer
    visitor.get("/login")
    assert set(PAGES) <= set(visitor.links("/docs"))


@pytest.mark.parametrize("path", [*PAGES, "/"])
def test_every_link_leads_to_a_page_and_every_anchor_exists(app: Flask, visitor: Visitor, path: str) -> None:
    client = app.test_client()
    links = {link if link[0] == "/" else path + link for link in Outline(visitor.peek(path).text).links if link[0] in "/#"}
    seen = {page: client.get(page) for page in {link.partition("#")[0] for link in links}}

    assert {page: answer.status_code for page, answer in seen.items() if answer.status_code != 200} == {}
    ids = {page: Outline(answer.text).ids for page, answer in seen.items()}
    anchors = [link.partition("#") for link in links if "#" in link]
    assert [anchor for page, _, anchor in anchors if anchor not in ids[page]] == []


def test_every_error_code_has_a_text_and_no_text_is_left_over() -> None:
    assert {error.code for error in ERRORS} == set(TEXTS)
    assert [code for code, text in TEXTS.items() if not (text.meaning.endswith(".") and text.remedy.endswith("."))] == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_type_of_a_problem_leads_to_its_entry(visitor: Visitor, error: type) -> None:
    refusal = error(retry_after_s=1) if issubclass(error, RateLimited) else error()
    page, _, anchor = problem(refusal, "req_1")["type"].partition("#")
    answer = visitor.peek(page)

    assert (answer.status_code, anchor) == (200, error.code)
    entry = answer.text.split(f'id="{anchor}"')[1].split("</article>")[0]
    assert f"HTTP/1.1 {error.status} " in entry
    assert f"&#34;code&#34;: &#34;{anchor}&#34;" in entry


def test_examples_carry_the_headers_of_their_status(visitor: Visitor) -> None:
    html = visitor.peek("/docs/errors").text

    assert "Retry-After: 41" in html.split('id="rate_limited"')[1].split("</article>")[0]
    assert "WWW-Authenticate: Bearer" in html.split('id="unauthenticated"')[1].split("</article>")[0]
    assert "&#34;due&#34;: 45.9," in html.split('id="amount_exceeds_due"')[1].split("</article>")[0]


def test_every_field_of_a_plan_is_in_a_table() -> None:
    shown = {name for table in tables() for name in table.fields}

    assert shown == {field.name for field in dataclasses.fields(Tier)} - {"name", "label"}


def test_plan_tables_show_the_catalogue() -> None:
    rows = {row.label: row.cells for table in tables() for row in table.rows}

    assert [tier.label for tier in COLUMNS] == ["Basic", "Standard", "Smart", "Pro", "Enterprise", "Sandbox"]
    assert rows["Orders"] == ("–", "–", "–", "Yes", "Yes", "Yes")
    assert rows["Read calls a minute"] == ("–", "–", "30", "300", "1,200", "120")
    assert rows["Calls a day"] == ("–", "–", "5,000", "250,000", "2,000,000", "50,000")
    assert rows["Event types"] == ("–", "–", "8 basic ones", "All 69", "All 69", "All 69")
    assert rows["Attempts for each event"][2:4] == ("4 in 3 min 35 s", "10 in 75 h 35 min 5 s")
    assert rows["An attempt may take"] == ("–", "–", "5 s", "10 s", "10 s", "10 s")
    assert rows["Request logs are kept"] == ("–", "–", "3 days", "30 days", "90 days", "7 days")


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (1800, "30 min"), (86_400, "24 h"), (272_105, "75 h 35 min 5 s")])
def test_span_names_every_unit(seconds: int, text: str) -> None:
    assert span(seconds) == text


def test_every_event_type_is_listed_once_with_its_plan(visitor: Visitor) -> None:
    html = visitor.peek("/docs/events").text

    assert len(EVENT_TYPES) == 69
    assert [name for name in EVENT_TYPES if html.count(f'<tr role="row" id="{name}">') != 1] == []
    assert 'data-label="From plan">Smart<' in html.split('id="order.created"')[1].split("</tr>")[0]
    assert 'data-label="From plan">Pro<' in html.split('id="order.ready"')[1].split("</tr>")[0]


def test_events_page_says_what_the_worker_does(visitor: Visitor) -> None:
    html = visitor.peek("/docs/events").text
    sent = signing.headers((SECRET,), event_id="e", event_type="t", attempt=1, timestamp_s=1, body=b"")

    assert [name for name in sent if name not in ("content-type", "user-agent") and f"<code>{name}</code>" not in html] == []
    assert (ladder.FAILING_US, ladder.FAILING_DEAD) == (5 * 86_400 * 1_000_000, 20)
    assert "no success for 5 days while at least 20 events died" in html
    assert (retries.MOST_JITTER, retries.LONGEST_HINT_S) == (0.2, 86_400)
    assert "up to a fifth is added by chance" in html
    assert "For 24 hours after a rotation" in html


def test_every_scope_is_listed_with_the_operations_it_opens(visitor: Visitor) -> None:
    html = visitor.peek("/docs/scopes").text

    assert len(SCOPES) == 39
    assert [scope for scope in SCOPES if html.count(f'<tr role="row" id="{scope}">') != 1] == []
    row = html.split('id="refunds:write"')[1].split("</tr>")[0]
    assert re.findall(r">([^<]+)</a>", row) == ["POST /v1/payments/{payment_id}/refunds"]
    assert "Ordering channel" in html


def test_every_operation_is_in_the_reference(visitor: Visitor) -> None:
    index = visitor.peek("/docs/reference").text
    pages = {name: visitor.peek(f"/docs/reference/{name}").text for name in AREAS}
    detailed = [anchor for html in pages.values() for anchor in Outline(html).ids]
    anchors = [operation.name.replace(".", "-") for operation in operations]

    assert [anchor for anchor in anchors if detailed.count(anchor) != 1] == []
    assert [anchor for anchor in anchors if index.count(f'<tr role="row" id="{anchor}">') != 1] == []
    assert 'href="/openapi.json"' in index
    entry = pages["orders"].split('id="core-create_order"')[1].split("</article>")[0]
    assert "Place an order." in entry
    assert "<code>items[].modifiers[].quantity</code>" in entry
    assert re.search(r"<code>items</code></th>.*<strong>Required.</strong> 1 to 200 entries.", entry)
    assert "<code>Idempotency-Key</code>" in entry
    assert '<a href="/docs/scopes#orders:write"><code>orders:write</code></a>' in entry


def test_quickstart_shows_the_ends_of_the_readers_own_key_and_never_its_text(partner: Partner) -> None:
    html = partner.visitor.get("/docs").text

    assert f"<code>tp_test_sk_…{partner.key[-4:]}</code>" in html
    assert partner.key not in html
    assert "export TABLEPORT_KEY=tp_test_sk_…" in html


def test_quickstart_sends_a_stranger_to_the_sign_up_and_an_operator_nowhere(visitor: Visitor, operator: Visitor) -> None:
    assert '<a href="/signup">Get a key</a>' in visitor.peek("/docs").text
    assert "this account has none" in operator.get("/docs").text


def test_quickstart_states_the_rules_as_they_are(visitor: Visitor) -> None:
    html = visitor.peek("/docs").text

    assert "Ask for 1 to 100 rows with <code>limit</code> (25 unless given)" in html
    assert "A cursor works for 24 hours." in html
    assert "Sent again within 24 hours" in html
    assert "at most 1,048,576 bytes" in html
    assert "<code>2026-11-01</code>" in html
    assert "RateLimit: &#34;read&#34;;r=117;t=41" in html


def test_oauth_page_says_how_long_things_last(visitor: Visitor) -> None:
    html = visitor.peek("/docs/oauth").text
    for words in ("for 60 seconds", "for 60 minutes", "lasts 30 days", "successors 90 days", "code_challenge_method=S256"):
        assert words in html
