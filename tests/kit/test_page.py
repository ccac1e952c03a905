"""Cursors: what was sealed comes back, and nothing else is accepted."""

import time
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode

import pytest

from kit.errors import InvalidCursor
from kit.page import CursorKey

KEY = CursorKey("installation secret")
BINDING = ("sandbox", "tnt_1", "orders", "status=open")


def test_cursor_gives_back_the_position_it_was_made_of() -> None:
    assert KEY.open(KEY.seal([1_768_219_200_000_000, "ord_1", None, "zł"], *BINDING), *BINDING) == [
        1_768_219_200_000_000, "ord_1", None, "zł",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "binding",
    [
        ("production", "tnt_1", "orders", "status=open"), ("sandbox", "tnt_2", "orders", "status=open"),
        ("sandbox", "tnt_1", "payments", "status=open"), ("sandbox", "tnt_1", "orders", "status=paid"),
        ("sandbox", "tnt_1", "orders"), ("sandboxtnt_1", "", "orders", "status=open"), (),
    ],
    ids=["environment", "tenant", "list", "filter", "fewer", "moved border", "none"],
)  # fmt: skip
def test_cursor_is_refused_when_its_binding_differs(binding: tuple[str, ...]) -> None:
    with pytest.raises(InvalidCursor, match="another list, filter, credential or installation"):
        KEY.open(KEY.seal([1, "ord_1"], *BINDING), *binding)


def test_cursor_is_refused_when_another_installation_made_it() -> None:
    with pytest.raises(InvalidCursor):
        KEY.open(CursorKey("other secret").seal([1], *BINDING), *BINDING)


def test_cursor_is_refused_when_any_byte_was_changed() -> None:
    raw = urlsafe_b64decode(KEY.seal([1, "ord_1"], *BINDING) + "==")
    for place in range(len(raw)):
        forged = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(InvalidCursor):
            KEY.open(urlsafe_b64encode(forged).decode().rstrip("="), *BINDING)


@pytest.mark.parametrize("cursor", ["", "a", "%%%", "ąę", "' OR 1=1 --", "AAAA" * 2000])
def test_cursor_is_refused_when_it_is_garbled(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        KEY.open(cursor, *BINDING)


@pytest.mark.parametrize(("age_s", "is_valid"), [(24 * 3600 - 5, True), (24 * 3600 + 5, False)])
def test_cursor_expires_after_a_day(monkeypatch: pytest.MonkeyPatch, age_s: int, is_valid: bool) -> None:
    cursor = KEY.seal(["ord_1"], *BINDING)
    later = time.time() + age_s
    monkeypatch.setattr(time, "time", lambda: later)
    if is_valid:
        assert KEY.open(cursor, *BINDING) == ["ord_1"]
    else:
        with pytest.raises(InvalidCursor, match="older than 24 hours"):
            KEY.open(cursor, *BINDING)
