"""The pages of examples, webhooks, versions and the sandbox say what is there, all of it, and nothing else."""

import html

import pytest

from api.versions import CURRENT
from api.versions import RELEASES
from domain.notifications.service import MAGIC
from domain.payments.processor import AMOUNTS
from domain.payments.processor import TOKENS
from domain.timekeeping.service import HANDLERS
from portal.docs import receiving
from portal.docs import sandbox
from portal.docs.examples import FOLDER
from portal.docs.examples import examples
from portal.docs.plans import COLUMNS
from portal.filters import prose
from sandbox.hosts import BEHAVIOURS
from sandbox.scenarios.service import SCENARIOS
from sandbox.service import PROFILES
from tests.portal.browsing import Visitor
from tests.portal.receivers.vectors import PARSED
from tests.portal.receivers.vectors import REFUSED

# Work a worker does as soon as it can, whatever a sandbox's clock says.
REAL_TIME = {
    "alert.send", "campaign.send", "customer.forget", "customer.merge", "export.run", "integration.sync",
    "loyalty.calculate", "menu.document", "reservation.deposit", "sandbox.traffic", "segment.evaluate", "segment.refresh",
}  # fmt: skip


def test_every_example_stands_on_the_page_as_it_is_run(visitor: Visitor) -> None:
    page = html.unescape(visitor.peek("/docs/examples").text)

    assert len(examples()) == 6  # as the home page and the README say
    assert sorted(f"{example.name}.py" for example in examples()) == sorted(path.name for path in FOLDER.glob("*.py"))
    assert [one.name for one in examples() if (FOLDER / f"{one.name}.py").read_text().rstrip() not in page] == []


def test_functions_stand_on_the_page_as_they_are_tested(visitor: Visitor) -> None:
    page = html.unescape(visitor.peek("/docs/webhooks/verify").text)

    files = {path.name for path in receiving.FOLDER.iterdir() if path.is_file()} - {"__init__.py"}
    assert {language.file for language in receiving.LANGUAGES} == files
    sources = {language.name: (receiving.FOLDER / language.file).read_text().rstrip() for language in receiving.LANGUAGES}
    assert [name for name, source in sources.items() if source not in page] == []
    assert [call for language in receiving.LANGUAGES for call in language.calls.values() if call not in page] == []


def test_page_about_verifying_says_what_the_functions_and_the_platform_do(visitor: Visitor) -> None:
    page = visitor.peek("/docs/webhooks/verify").text
    told = {str(vector.answer).removeprefix("refused: ") for vector in (REFUSED | PARSED).values()}

    assert {" ".join(text.split()[:2]) if text.startswith("missing") else text for text in told} == {
        refusal.removesuffix(" …") for refusal in receiving.REFUSALS
    }
    assert [refusal for refusal in receiving.REFUSALS if f"<code>{refusal}</code>" not in page] == []
    assert "For 24 hours after a rotation" in page
    assert "Answer 2xx within 5 s" in page
    assert "Keep ids for 90 days" in page
    assert max(tier.event_days for tier in COLUMNS) == 90


def test_versions_page_shows_every_change_in_both_forms(visitor: Visitor) -> None:
    page = html.unescape(visitor.peek("/docs/versions").text)
    changes = [change for release in RELEASES.values() for change in release]

    assert CURRENT == "2026-11-01"
    assert len(changes) == 4
    assert [change.title for change in changes if f"<h4>{change.title}</h4>" not in page] == []
    assert '"order_type": "delivery"' in page
    assert '"next_cursor": null' in page
    assert [name for name in RELEASES if f'href="/openapi.json?version={name}"' not in page] == []
    assert "<code>Tableport-Version: 2026-09-01</code>" in page


def test_openapi_document_of_every_version_a_page_links_to_answers(visitor: Visitor) -> None:
    answers = {name: visitor.client.get(f"/openapi.json?version={name}") for name in RELEASES}

    assert {name: answer.json["info"]["version"] for name, answer in answers.items()} == {name: name for name in RELEASES}


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (SCENARIOS, sandbox.SCENARIO_TEXTS),
        (BEHAVIOURS, sandbox.BEHAVIOUR_TEXTS),
        (MAGIC, sandbox.ADDRESS_TEXTS),
    ],
    ids=["scenarios", "webhook-hosts", "recipients"],
)
def test_sandbox_page_has_a_sentence_for_each_value_and_none_left_over(known: tuple[str, ...], told: dict[str, str]) -> None:
    assert set(known) == set(told)
    assert [name for name, text in told.items() if not text.endswith(".")] == []


def test_every_world_and_every_timer_is_told(visitor: Visitor) -> None:
    visitor.peek("/docs/sandbox")  # the application is there, so all timers are registered

    assert set(PROFILES) <= set(sandbox.PROFILE_TEXTS)
    assert set(sandbox.CLOCK_TEXTS) <= set(HANDLERS)
    assert set(HANDLERS) - set(sandbox.CLOCK_TEXTS) <= REAL_TIME


def test_magic_values_are_those_the_sandbox_reacts_to(visitor: Visitor) -> None:
    kinds = {kind.title: dict(kind.rows) for kind in sandbox.magic()}
    page = html.unescape(visitor.peek("/docs/sandbox").text)

    assert set(kinds["Payment sources"]) == set(TOKENS)
    assert list(kinds["Amounts"]) == ["40.02", "40.05", "40.13", "40.37"]
    assert len(AMOUNTS) == 4
    assert kinds["Payment sources"]["tok_fraud"] == "Declined: 402 with decline_code fraudulent."
    assert kinds["Payment sources"]["tok_timeout"] == "Created, and confirmed after 30 seconds of the sandbox clock."
    assert [value for rows in kinds.values() for value in rows if f"<code>{value}</code>" not in page] == []


def test_prose_shows_paragraphs_lists_and_code_and_escapes_the_rest() -> None:
    text = "First `a<b`\nline & more.\n\n- one `x`\n- two\n  goes on\n\nLast."

    assert prose(text) == (
        "<p>First <code>a&lt;b</code> line &amp; more.</p>\n"
        "<ul><li>one <code>x</code></li><li>two\n  goes on</li></ul>\n<p>Last.</p>"
    )
    assert prose("") == ""
