"""A browser without scripts: follows links, fills forms that are really on the page, keeps cookies."""

import re
from html.parser import HTMLParser
from itertools import count

from flask import Flask
from werkzeug.test import TestResponse

PASSWORD = "gravel-lantern-otter-92"
_numbers = count(1)


class Forms(HTMLParser):
    """Collects the forms of a page: action → fields with the values they have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self.found.setdefault(values.get("action", ""), {})
        is_sent = values.get("type") not in ("checkbox", "radio") or "checked" in values
        if self._open is not None and tag in ("input", "textarea", "select") and "name" in values and is_sent:
            self._open.setdefault(values["name"], values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class Visitor:
    """One person at one browser, at an address of their own so that limits of others do not count."""

    def __init__(self, app: Flask) -> None:
        self.number = next(_numbers)
        self.address = f"10.9.{self.number // 250}.{self.number % 250 + 1}"
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = self.address
        self.page: TestResponse | None = None

    def move_to(self, address: str) -> None:
        """Go on from another address."""
        self.address = self.client.environ_base["REMOTE_ADDR"] = address

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open an address and stay where it leads."""
        self.page = self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        while self.page.status_code in (301, 302, 303):
            self.page = self.client.get(self.page.location)
        return self.page

    def peek(self, path: str) -> TestResponse:
        """Open an address without following redirects."""
        return self.client.get(path)

    def submit(self, action: str, **fields: str | list[str]) -> TestResponse:
        """Send the form with this action (or the one that ends so) of the page shown, and follow where it leads."""
        return self._follow(self.post(action, **fields))

    def post(self, action: str, **fields: str | list[str]) -> TestResponse:
        """Send a form of the page shown and return the very answer."""
        assert self.page is not None
        forms = Forms(self.page.text).found
        target = next(found for found in forms if found == action or found.endswith(action))
        self.page = self.client.post(target, data={**forms[target], **fields})
        return self.page

    def _follow(self, answer: TestResponse) -> TestResponse:
        return self.get(answer.location) if answer.status_code in (302, 303) else answer

    def links(self, pattern: str) -> list[str]:
        """Addresses on the page shown that match from their start, in order, each once."""
        assert self.page is not None
        found = re.findall(r'href="([^"#]+)', self.page.text)
        return list(dict.fromkeys(link.replace("&amp;", "&") for link in found if re.match(pattern, link)))

    def csrf_token(self, path: str) -> str:
        """The token that forms of this browser carry, for forms that a page does not offer."""
        return re.findall(r'name="csrf_token" value="([^"]+)"', self.get(path).text)[0]

    def sign_up(self, email: str = "") -> str:
        """Create an account and return the key the start page shows."""
        self.get("/signup")
        email = email or f"partner-{self.address}@example.com"
        page = self.submit("/signup", email=email, password=PASSWORD, company="Bistro Systems")
        return re.findall(r"tp_test_sk_[0-9A-Za-z]{57}", page.text)[0]

    def log_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        """Fill the login form and follow."""
        self.get("/login")
        return self.submit("/login", email=email, password=password)
