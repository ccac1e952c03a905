"""Which redirect URIs may be registered, and which requests match them."""

import pytest

from accounts.oauth.redirects import checked_uris
from accounts.oauth.redirects import is_registered
from kit.errors import Invalid


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb", "https://app.example", "https://app.example:8443/a/b?tenant=1&x=%20",
        "http://127.0.0.1/cb", "http://127.0.0.1:4711/cb", "http://[::1]:4711/cb",
    ],
)  # fmt: skip
def test_uri_when_it_is_safe_is_taken(uri: str):
    assert checked_uris([f" {uri} ", uri]) == [uri]


@pytest.mark.compliance("RFC 9700 2.6-1")
@pytest.mark.parametrize(
    "uri",
    [
        "", "http://app.example/cb", "https://*.example/cb", "https://app.example/*", "https://app.example/cb#part",
        "https://user@app.example/cb", "https://app.example@evil.example/", "https://app.example\\@evil.example/",
        "http://127.0.0.1:80@evil.example/", "http://127.0.0.1.evil.example/", "http://localhost/cb", "javascript:alert(1)",
        "https:///cb", "//app.example/cb", "https://app.example/c b", "https://app.example/\nx", "https://ápp.example/",
        "https://app.example/" + "a" * 490, "https://.example/", "app://callback",
    ],
)  # fmt: skip
def test_uri_when_it_is_not_safe_is_refused(uri: str):
    with pytest.raises(Invalid) as refused:
        checked_uris(["https://app.example/cb", uri])
    assert [error.field for error in refused.value.errors] == ["redirect_uris"]


def test_uris_when_there_are_too_many_are_refused():
    with pytest.raises(Invalid):
        checked_uris(f"https://app.example/{number}" for number in range(11))


@pytest.mark.compliance("RFC 9700 2.1-1", "RFC 9700 4.1.3-1", "ASVS 5.0 10.4.1")
@pytest.mark.parametrize(
    ("uri", "matches"),
    [
        ("https://app.example/cb", True),
        ("https://app.example/cb/", False),
        ("https://APP.example/cb", False),
        ("https://app.example:443/cb", False),
        ("https://app.example/cb?x=1", False),
        ("https://app.example/x/../cb", False),
        ("http://127.0.0.1:51000/cb", True),
        ("http://127.0.0.1/cb", True),
        ("http://[::1]:51000/cb", False),
        ("http://127.0.0.1:51000/cb/x", False),
        ("http://127.0.0.1:x/cb", False),
        ("http://127.0.0.1:80@evil.example/cb", False),
    ],
)
def test_request_matches_character_by_character_except_for_a_loopback_port(uri: str, matches: bool):
    assert is_registered(uri, ["https://app.example/cb", "http://127.0.0.1:4711/cb"]) is matches
