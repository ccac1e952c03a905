"""A person at a browser without scripts, who signs up on a running platform, registers clients and lets them in."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from kit.ids import new_id
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Forms

CALLBACK = "http://127.0.0.1:9/cb"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
OF_PEOPLE = ["authorization_code", DEVICE_CODE, "refresh_token"]


@dataclass(frozen=True)
class Registered:
    """A client as its developer knows it. secret: empty for a public one."""

    id: str
    secret: str


class LivePerson:
    """One person over real HTTP."""

    def __init__(self, base: str) -> None:
        self._http = httpx.Client(base_url=base, follow_redirects=True, timeout=20)
        email = f"{new_id('p').lower()}@example.com"
        self._submit("/signup", "/signup", email=email, password=PASSWORD, company="Bistro Systems")

    def register(self, kind: str) -> Registered:
        """Register a client that may use every flow its kind can."""
        types = OF_PEOPLE if kind == "public" else ["client_credentials", *OF_PEOPLE]
        page = self._submit(
            "/sandbox/clients", "/sandbox/clients", name=f"A {kind} client", kind=kind, grant_types=types,
            redirect_uris=CALLBACK, scopes=["orders:read", "menus:read"],
        )  # fmt: skip
        secret = re.search(r"tp_test_cs_[0-9A-Za-z]{57}", page.text)
        found = re.search(r"cli_[0-9A-Z]{26}", page.text)
        assert found is not None, page.text
        return Registered(found[0], secret[0] if secret else "")

    def visit(self, address: str) -> str:
        """Open an authorization address, allow everything and say where the browser is sent."""
        parts = urlsplit(address)
        scopes = ["orders:read", "menus:read"]
        page = self._submit(f"{parts.path}?{parts.query}", "/oauth/authorize", decision="allow", scopes=scopes)
        return page.headers["Refresh"].removeprefix("0; url=")

    def allow_device(self, address: str) -> str:
        """Open the address a device shows, compare the code and allow."""
        parts = urlsplit(address)
        page = self._submit(f"{parts.path}?{parts.query}", "/device/decide", decision="allow", scopes=["orders:read"])
        assert "was let in" in page.text, page.text
        return ""

    def leave(self) -> None:
        """Close the browser."""
        self._http.close()

    def _submit(self, path: str, action: str, **fields: str | list[str]) -> httpx.Response:
        """Open a page, fill its form whose action begins so, and follow where that leads."""
        page = self._http.get(path)
        forms = Forms(page.text).found
        target = next((found for found in forms if found.startswith(action)), None)
        assert target is not None, (page.status_code, page.url, page.text)
        answer = self._http.post(target.replace("&amp;", "&"), data={**forms[target], **fields})
        assert answer.status_code == 200, answer.text
        return answer
