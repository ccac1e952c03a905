"""Passkeys in a real browser with a virtual authenticator: added, used as a second factor, and instead of a password."""

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import expect

from kit.ids import new_id
from tests.journeys import screens
from tests.portal.test_security import let_time_pass

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.timeout(60)]
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def page_with_authenticator(context: BrowserContext) -> Page:
    """A page whose device holds passkeys and verifies its person."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def test_passkey_signs_in_with_and_without_the_password(app: Flask) -> None:
    email = f"{new_id('x')[-8:].lower()}.{screens.PARTNER[0]}"
    with screens.served(app) as loopback, screens.browser() as chromium:
        address = loopback.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
        page = page_with_authenticator(chromium.new_context())
        screens.sign_up(page, address, email)

        page.goto(f"{address}/security")
        screens.in_a_thread(let_time_pass, email)
        page.fill("#passkeys #f-name", "Laptop")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.locator("h1")).to_have_text("Confirm it is you")
        page.fill("#f-password", screens.PARTNER[1])
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator("#passkeys #f-name")).to_have_value("Laptop")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("status")).to_contain_text("Laptop signs you in from now on.")
        expect(page.locator("#codes")).to_contain_text("-")

        page.get_by_role("button", name="Log out").click()
        screens.log_in(page, address, (email, screens.PARTNER[1]))
        expect(page.locator("h1")).to_have_text("Second step")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.locator("h1")).to_have_text("Dashboard")

        page.get_by_role("button", name="Log out").click()
        page.goto(f"{address}/login?next=/sandbox/keys")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator("h1")).to_have_text("API keys")

        page.goto(f"{loopback}/login")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
