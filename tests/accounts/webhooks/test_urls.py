"""Which URLs an endpoint may have."""

import pytest

from accounts.webhooks.urls import checked_url
from kit.errors import Invalid
from kit.planes import Environment


@pytest.mark.parametrize(
    "url",
    [
        "https://pos.example.com/hooks", "http://localhost:9000/", "http://192.168.1.5:8080/in?x=1",
        "https://hooks.sandbox.invalid/fail-502-then-ok?n=2", "https://inbox.sandbox.invalid/inb_1", "HTTPS://Example.com",
    ],
)  # fmt: skip
def test_url_is_taken_in_the_sandbox(url: str):
    assert checked_url(f" {url} ", environment=Environment.SANDBOX) == url


@pytest.mark.parametrize("url", ["https://pos.example.com/hooks", "https://pos.example.com:443/hooks?tenant=1"])
def test_url_is_taken_in_production(url: str):
    assert checked_url(url, environment=Environment.PRODUCTION) == url


REFUSED = [
    "", "pos.example.com/hooks", "ftp://example.com/", "javascript:alert(1)", "https://", "https:///path",
    "https://user@example.com/", "https://user:pass@example.com/", "https://:@example.com/", "https://example.com/#top",
    "https://example.com/#", "https://example.com:0/", "https://example.com:99999/", "https://exa mple.com/",
    "https://example.com\\@evil.example/", "https://bücher.example/", "https://example.com/\r\nHost: evil",
    "https://[::1/", "https://example.com/" + "a" * 1000,
]  # fmt: skip


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("url", REFUSED)
def test_url_is_refused_when_it_is_not_a_plain_web_address(url: str, environment: Environment):
    with pytest.raises(Invalid) as refused:
        checked_url(url, environment=environment)
    assert [error.field for error in refused.value.errors] == ["url"]


@pytest.mark.parametrize(
    "url",
    [
        "http://pos.example.com/", "https://pos.example.com:8443/", "https://pos.example.com:80/",
        "https://hooks.sandbox.invalid/ok", "https://inbox.sandbox.invalid./x",
    ],
)  # fmt: skip
def test_url_is_refused_in_production_when_it_suits_the_sandbox_only(url: str):
    with pytest.raises(Invalid):
        checked_url(url, environment=Environment.PRODUCTION)
