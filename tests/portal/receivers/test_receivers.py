"""The functions of the page about verifying webhooks, each in its own language, on the same table of requests."""

from datetime import datetime
from datetime import tzinfo
from pathlib import Path

import pytest
from flask import Flask
from flask import request
from standardwebhooks import Webhook
from standardwebhooks import webhooks as library

from portal.docs.receivers.verify_webhook import WebhookRefused
from portal.docs.receivers.verify_webhook import verify
from portal.docs.receiving import LANGUAGES
from tests.portal.receivers.languages import WAYS
from tests.portal.receivers.languages import answers
from tests.portal.receivers.languages import present
from tests.portal.receivers.vectors import ACCEPTED
from tests.portal.receivers.vectors import BODY
from tests.portal.receivers.vectors import EVENT
from tests.portal.receivers.vectors import EVERY
from tests.portal.receivers.vectors import MALFORMED
from tests.portal.receivers.vectors import NEW
from tests.portal.receivers.vectors import NOW_S
from tests.portal.receivers.vectors import PARSED
from tests.portal.receivers.vectors import REFUSED
from tests.portal.receivers.vectors import UNUSABLE
from tests.portal.receivers.vectors import Vector
from tests.portal.receivers.vectors import sent


def test_every_language_of_the_page_has_a_driver() -> None:
    assert [language.name for language in LANGUAGES] == list(WAYS)
    assert {"python", "node"} <= set(present())


@pytest.mark.once
@pytest.mark.parametrize("language", present())
def test_function_tells_genuine_requests_from_others(language: str, tmp_path: Path) -> None:
    table = {name: vector for name, vector in EVERY.items() if language != "java" or name not in PARSED}

    assert answers(language, table, tmp_path) == {name: vector.answer for name, vector in table.items()}


@pytest.mark.parametrize("name", ACCEPTED)
def test_public_library_accepts_what_the_functions_accept(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert by_the_library(monkeypatch, ACCEPTED[name]) == ACCEPTED[name].answer


@pytest.mark.parametrize("name", [name for name, vector in REFUSED.items() if vector.answer not in (MALFORMED, UNUSABLE)])
def test_public_library_refuses_what_the_functions_refuse(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert by_the_library(monkeypatch, REFUSED[name]) is None


def by_the_library(monkeypatch: pytest.MonkeyPatch, vector: Vector) -> object:
    """What the library makes of a request at the time of its receiver; None when it refuses, whatever it throws then."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(vector.now_s, tz)

    monkeypatch.setattr(library, "datetime", Stopped)
    headers = {name: value.decode("latin-1") for name, value in vector.headers.items()}
    for secret in vector.secrets:
        try:
            return Webhook(secret).verify(vector.body, headers)
        except (library.WebhookVerificationError, ValueError):
            continue
    return None


def test_python_function_takes_a_request_of_flask_as_it_is() -> None:
    headers = {name.title(): value.decode() for name, value in sent().items()}

    with Flask("receiver").test_request_context("/hooks", method="POST", data=BODY, headers=headers):
        assert verify(request.headers, request.get_data(), [NEW], NOW_S) == EVENT


def test_python_function_goes_by_the_clock_of_its_machine_when_it_is_not_told_the_time() -> None:
    with pytest.raises(WebhookRefused, match=r"\Atoo old\Z"):
        verify({name: value.decode() for name, value in sent().items()}, BODY, [NEW])
