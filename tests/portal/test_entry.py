"""Signing up, in and out."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from redis.exceptions import RedisError

import portal
from accounts.people import passwords
from kit.settings import Settings
from portal.guesses import Guesses
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner

ROOT = Path(__file__).parent.parent.parent


def test_sign_up_shows_key_and_curl_line_when_the_sandbox_is_ready(visitor: Visitor) -> None:
    key = visitor.sign_up()

    assert visitor.page is not None
    assert "Your sandbox is ready" in visitor.page.text
    assert f"Authorization: Bearer {key}" in visitor.page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "not-an-address"}, "e-mail"),
        ({"password": "short"}, "12"),
        ({"password": "password1234"}, "password"),
        ({"company": ""}, "Company is needed."),
    ],
    ids=["email", "short", "common", "company"],
)
def test_sign_up_is_refused_and_keeps_what_was_typed(visitor: Visitor, fields: dict[str, str], words: str) -> None:
    visitor.get("/signup")
    typed = {"email": "someone@example.com", "password": PASSWORD, "company": "Typed Company", **fields}

    answer = visitor.post("/signup", **typed)

    assert answer.status_code == 422
    assert words.lower() in answer.text.lower()
    assert typed["email"] in answer.text
    assert typed["password"] not in answer.text.replace(typed["company"], "").replace("12 characters", "")
    assert visitor.peek("/sandbox/dashboard").status_code == 302


def test_wrong_password_and_unknown_address_get_the_same_answer(partner: Partner, visitor: Visitor) -> None:
    visitor.get("/login")
    known = visitor.post("/login", email=partner.email, password="wrong-but-long-enough")
    visitor.get("/login")
    unknown = visitor.post("/login", email="nobody@example.com", password="wrong-but-long-enough")

    assert known.status_code == unknown.status_code == 401
    assert message_of(known.text) == message_of(unknown.text)


def message_of(html: str) -> str:
    """What the alert says."""
    return html.split('role="alert"')[1].split("</strong>", maxsplit=1)[0].rsplit("<strong>")[1]


def test_login_leads_where_the_reader_wanted_to_go(partner: Partner, visitor: Visitor) -> None:
    visitor.get("/sandbox/keys")

    visitor.submit("/login", email=partner.email, password=PASSWORD)

    assert visitor.page is not None
    assert "<h1>API keys</h1>" in visitor.page.text


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_login_never_leads_to_another_site(partner: Partner, visitor: Visitor, next_: str) -> None:
    visitor.get("/login")

    answer = visitor.post("/login", email=partner.email, password=PASSWORD, next=next_)

    assert answer.location == "/sandbox/dashboard"


def test_login_begins_a_new_browser_session(partner: Partner, visitor: Visitor) -> None:
    visitor.get("/login")
    with visitor.client.session_transaction() as before:
        before["planted"] = "by someone else"
        token = before["csrf_token"]

    visitor.submit("/login", email=partner.email, password=PASSWORD)

    with visitor.client.session_transaction() as after:
        assert "planted" not in after
        assert after["csrf_token"] != token


def test_copied_cookie_is_worth_nothing_after_logout(app: Flask, partner: Partner) -> None:
    cookie = partner.visitor.client.get_cookie("tableport")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("tableport", cookie.value)
    assert thief.get("/sandbox/dashboard").status_code == 200

    partner.visitor.get("/sandbox/dashboard")
    partner.visitor.submit("/logout")

    assert thief.get("/sandbox/dashboard").location == "/login?next=/sandbox/dashboard"


def test_sixth_wrong_password_of_one_account_is_429_from_any_address(app: Flask, partner: Partner) -> None:
    statuses = []
    for _ in range(6):
        visitor = Visitor(app)
        visitor.get("/login")
        statuses.append(visitor.post("/login", email=partner.email, password="wrong-but-long-enough").status_code)

    assert statuses == [401, 401, 401, 401, 401, 429]
    assert visitor.page is not None
    assert "Too many tries" in visitor.page.text
    assert 0 < int(visitor.page.headers["Retry-After"]) <= 1800


def test_parallel_guesses_for_one_account_are_counted_before_they_are_checked(app: Flask, partner: Partner) -> None:
    visitors = [Visitor(app) for _ in range(12)]
    for visitor in visitors:
        visitor.get("/login")
    ready = Barrier(len(visitors))

    def guess(visitor: Visitor) -> int:
        ready.wait()
        return visitor.post("/login", email=partner.email, password="wrong-but-long-enough").status_code

    with ThreadPoolExecutor(len(visitors)) as pool:
        assert sorted(pool.map(guess, visitors)) == [401] * 5 + [429] * 7


def test_owner_who_signs_in_starts_the_count_anew(app: Flask, partner: Partner) -> None:
    statuses = []
    for password in (*["wrong-but-long-enough"] * 4, PASSWORD, *["wrong-but-long-enough"] * 5, PASSWORD):
        visitor = Visitor(app)
        visitor.get("/login")
        statuses.append(visitor.post("/login", email=partner.email, password=password).status_code)

    assert statuses == [401] * 4 + [302] + [401] * 5 + [429]


@pytest.mark.parametrize("form", ["/login", "/signup"])
def test_others_write_while_a_password_waits_to_be_hashed(app: Flask, partner: Partner, form: str) -> None:
    visitor = Visitor(app)
    visitor.get(form)
    fields = {"email": f"{form[1:]}-{partner.email}", "password": PASSWORD} | ({"company": "X"} if form == "/signup" else {})
    with ThreadPoolExecutor(1) as pool, ExitStack() as hashing:
        for _ in range(4):  # as many as may hash at once
            hashing.enter_context(passwords._room)
        answer = pool.submit(visitor.post, form, **fields)
        time.sleep(0.2)
        partner.visitor.get("/sandbox/keys")
        assert partner.visitor.post("/sandbox/keys", name="Meanwhile", scopes=["orders:read"]).status_code == 302
        assert not answer.done()
        hashing.close()
        assert answer.result(timeout=10).status_code == (302 if form == "/signup" else 401)


def test_count_of_an_account_fails_when_redis_is_down(app: Flask) -> None:
    limiter = Limiter(get_remote_address, storage_uri="redis+unix:///tmp/no-such-redis.sock", default_limits=[])
    limiter.init_app(Flask("alone"))

    with pytest.raises(RedisError):
        Guesses(limiter).take("a@example.com")


def test_eleventh_try_of_one_address_within_a_minute_is_429(visitor: Visitor) -> None:
    visitor.get("/login")
    page = visitor.page
    statuses = []
    for number in range(11):
        visitor.page = page
        statuses.append(visitor.post("/login", email=f"n{number}@example.com", password=PASSWORD).status_code)

    assert statuses == [401] * 10 + [429]


def test_login_stays_shut_when_redis_is_down(app: Flask, settings: Settings) -> None:
    alone = Flask("bootstrap", root_path=str(ROOT))
    alone.config["SECRET_KEY"] = settings.secret_key
    limiter = Limiter(get_remote_address, storage_uri="redis+unix:///tmp/no-such-redis.sock", default_limits=[])
    limiter.init_app(alone)
    portal.register(alone, settings, limiter)
    alone.register_error_handler(Exception, portal.error_page)

    answer = alone.test_client().post("/login", data={"email": "a@example.com", "password": PASSWORD})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Nothing was changed" in answer.text


def test_theme_is_kept_in_a_cookie_and_needs_no_script(visitor: Visitor) -> None:
    visitor.get("/login")
    visitor.submit("/theme", theme="dark")

    assert visitor.page is not None
    assert '<html lang="en" data-theme="dark">' in visitor.page.text
    assert "<h1>Log in</h1>" in visitor.page.text

    visitor.submit("/theme", theme="")
    assert "data-theme" not in visitor.page.text
