"""Browsers in words, and networks instead of addresses."""

import pytest

from accounts.people.places import browser_of
from accounts.people.places import guesser_of
from accounts.people.places import network_of

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (f"{MAC} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome on macOS"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/142.0 Mobile Safari/604.1",
         "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("python-httpx/0.28.1", "python-httpx"), ("Mozilla/5.0", "an unknown browser"), ("<script>", "an unknown browser"),
        ("", "an unknown browser"),
    ],
)  # fmt: skip
def test_browser_is_said_in_words(agent: str, words: str):
    assert browser_of(agent) == words


@pytest.mark.parametrize(
    ("ip", "network", "guesser"),
    [
        ("192.0.2.77", "192.0.2.0/24", "192.0.2.77/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24", "192.0.2.77/32"),
        ("", None, "unknown"),
    ],
)
def test_address_becomes_the_network_it_is_in(ip: str, network: str | None, guesser: str):
    assert (network_of(ip), guesser_of(ip)) == (network, guesser)
