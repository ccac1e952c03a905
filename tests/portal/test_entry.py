"""Signing up, in and out."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from redis.exceptions import RedisError
from sqlalchemy import update
from werkzeug.test import TestResponse

import portal
from accounts.people import passwords
from accounts.people.models import Person
from kit.clock import now
from kit.settings import Settings
from kit.unit import control_unit
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


@pytest.mark.compliance("RFC 9700 2.1-2")
@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_login_never_leads_to_another_site(partner: Partner, visitor: Visitor, next_: str) -> None:
    visitor.get("/login")

    answer = visitor.post("/login", email=partner.email, password=PASSWORD, next=next_)

    assert answer.location == "/sandbox/dashboard"


@pytest.mark.compliance("ASVS 5.0 7.2.4")
def test_login_begins_a_new_browser_session(partner: Partner, visitor: Visitor) -> None:
    visitor.get("/login")
    with visitor.client.session_transaction() as before:
        before["planted"] = "by someone else"
        token = before["csrf_token"]

    visitor.submit("/login", email=partner.email, password=PASSWORD)

    with visitor.client.session_transaction() as after:
        assert "planted" not in after
        assert after["csrf_token"] != token


@pytest.mark.compliance("ASVS 5.0 7.2.4")
def test_login_ends_the_session_this_browser_had(app: Flask, partner: Partner, visitor: Visitor) -> None:
    visitor.log_in(partner.email)
    cookie = visitor.client.get_cookie("tableport")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("tableport", cookie.value)
    assert thief.get("/account").status_code == 200

    token = visitor.get("/account").text.split('name="csrf_token" value="')[1].split('"')[0]
    again = visitor.client.post("/login", data={"csrf_token": token, "email": partner.email, "password": PASSWORD})

    assert again.status_code == 302
    assert visitor.peek("/account").status_code == 200
    assert thief.get("/account").status_code == 302


@pytest.mark.compliance("ASVS 5.0 6.2.8")
@pytest.mark.parametrize("typed", [PASSWORD.upper(), f"{PASSWORD} ", PASSWORD[:-1]], ids=["case", "space", "shorter"])
def test_password_is_taken_as_it_was_typed(app: Flask, partner: Partner, typed: str) -> None:
    assert attempt(app, partner.email, typed).status_code == 401


@pytest.mark.compliance("ASVS 5.0 6.2.10")
def test_password_of_ten_years_is_as_good_as_new(app: Flask, partner: Partner) -> None:
    with control_unit() as unit:
        long_ago = now() - timedelta(days=3650)
        unit.session.execute(update(Person).where(Person.email == partner.email).values(created_at=long_ago))

    assert attempt(app, partner.email, PASSWORD).location == "/sandbox/dashboard"


@pytest.mark.compliance("ASVS 5.0 7.2.2")
def test_key_opens_no_page(visitor: Visitor, partner: Partner) -> None:
    for headers in ({"Authorization": f"Bearer {partner.key}"}, {"Cookie": f"tableport={partner.key}"}):
        answer = Visitor(visitor.client.application).client.get("/account", headers=headers)
        assert (answer.status_code, answer.location) == (302, "/login?next=/account")


@pytest.mark.compliance("ASVS 5.0 7.2.1", "ASVS 5.0 7.4.1")
def test_copied_cookie_is_worth_nothing_after_logout(app: Flask, partner: Partner) -> None:
    cookie = partner.visitor.client.get_cookie("tableport")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("tableport", cookie.value)
    assert thief.get("/sandbox/dashboard").status_code == 200

    partner.visitor.get("/sandbox/dashboard")
    partner.visitor.submit("/logout")

    assert thief.get("/sandbox/dashboard").location == "/login?next=/sandbox/dashboard"


def attempt(app: Flask, email: str, password: str = "wrong-but-long-enough", *, address: str = "") -> TestResponse:
    """Fill the login form at a browser of its own, in a network of its own unless an address is given."""
    visitor = Visitor(app)
    visitor.move_to(address or f"172.{16 + visitor.number // 250}.{visitor.number % 250}.5")
    visitor.get("/login")
    return visitor.post("/login", email=email, password=password)


@pytest.mark.compliance("ASVS 5.0 6.3.1")
def test_sixth_wrong_password_from_one_address_is_429_and_says_how_long_to_wait(app: Flask, partner: Partner) -> None:
    answers = [attempt(app, partner.email, address="198.51.100.7") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 401, 429]
    assert "Too many tries" in answers[-1].text
    assert re.search(r"Try again in \d+ min\.", answers[-1].text)
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 1800


@pytest.mark.compliance("ASVS 5.0 6.3.1")
@pytest.mark.parametrize(("networks", "checked"), [(1, 5), (30, 10)], ids=["one-network", "thirty-networks"])
def test_of_thirty_guesses_at_once_a_few_are_checked(app: Flask, partner: Partner, networks: int, checked: int) -> None:
    visitors = [Visitor(app) for _ in range(30)]
    for place, visitor in enumerate(visitors):
        visitor.move_to(f"203.0.{visitors[place % networks].number % 250}.5")
        visitor.get("/login")
    ready = Barrier(len(visitors))

    def guess(visitor: Visitor) -> int:
        ready.wait()
        return visitor.post("/login", email=partner.email, password="wrong-but-long-enough").status_code

    with ThreadPoolExecutor(len(visitors)) as pool:
        assert sorted(pool.map(guess, visitors)) == [401] * checked + [429] * (30 - checked)


@pytest.mark.compliance("ASVS 5.0 6.3.1")
def test_strangers_who_guess_keep_nobody_out_where_they_signed_in_before(app: Flask, partner: Partner) -> None:
    assert [attempt(app, partner.email).status_code for _ in range(11)] == [401] * 10 + [429]

    assert attempt(app, partner.email, PASSWORD).status_code == 429
    assert attempt(app, partner.email, PASSWORD, address=partner.visitor.address).status_code == 302


def test_owner_who_signs_in_starts_the_count_anew(app: Flask, partner: Partner) -> None:
    wrong = "wrong-but-long-enough"
    passwords = (wrong, wrong, wrong, wrong, PASSWORD, wrong, wrong, wrong, wrong, wrong)

    statuses = [attempt(app, partner.email, password, address="198.51.100.8").status_code for password in passwords]

    assert statuses == [401] * 4 + [302] + [401] * 5


def test_who_is_told_of_accounts_too_often_may_not_sign_up_any_more(partner: Partner, visitor: Visitor) -> None:
    statuses = []
    for email in (*[partner.email] * 5, "brand-new@example.com"):
        visitor.get("/signup")
        statuses.append(visitor.post("/signup", email=email, password=PASSWORD, company="X").status_code)

    assert statuses == [409, 409, 409, 409, 409, 429]


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
        Guesses(limiter).take("a@example.com", ip="192.0.2.1")


@pytest.mark.compliance("ASVS 5.0 6.3.1")
def test_eleventh_try_of_one_address_within_a_minute_is_429(visitor: Visitor) -> None:
    visitor.get("/login")
    page = visitor.page
    statuses = []
    for number in range(11):
        visitor.page = page
        statuses.append(visitor.post("/login", email=f"n{number}@example.com", password=PASSWORD).status_code)

    assert statuses == [401] * 10 + [429]


@pytest.mark.compliance("ASVS 5.0 6.3.1")
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
