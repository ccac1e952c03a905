"""Every page in a real browser: no finding of axe-core, no refused script or style, nothing that scrolls sideways."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.journeys import screens

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.mark.once
@pytest.mark.parametrize("look", [screens.LOOKS[0], screens.LOOKS[3]], ids=lambda look: look.name)  # both themes and widths
def test_no_page_has_a_finding(app: Flask, look: screens.Look) -> None:
    assert screens.examine(app, None, (look,)) == []


def test_console_answers_on_the_page_when_scripts_run(app: Flask) -> None:
    with screens.served(app) as address, screens.browser() as chromium:
        page = chromium.new_page()
        screens.sign_up(page, address, "console@example.com")
        page.get_by_role("button", name="Place an order").click()

        expect(page.locator("#answer")).to_contain_text("201")
        assert page.url.endswith("/start")
        expect(page.locator("#new-key")).to_be_visible()


def test_new_call_appears_in_the_open_log_without_a_reload(app: Flask) -> None:
    with screens.served(app) as address, screens.browser() as chromium:
        context = chromium.new_context()
        page, log = context.new_page(), context.new_page()
        screens.sign_up(page, address, "tail@example.com")
        log.goto(f"{address}/sandbox/logs")
        expect(log.locator("#rows")).to_contain_text("No calls yet")

        page.get_by_role("button", name="Read the menu").click()

        expect(log.locator("#rows")).to_contain_text("/v1/menu-items", timeout=4_000)


def test_focus_is_visible_and_starts_with_the_skip_link(app: Flask) -> None:
    with screens.served(app) as address, screens.browser() as chromium:
        page = chromium.new_page()
        page.goto(f"{address}/login")

        page.keyboard.press("Tab")
        assert focused(page) == ("Skip to content", True)
        for _ in range(3):
            page.keyboard.press("Tab")
            assert focused(page)[1]


def focused(page: Page) -> tuple[str, bool]:
    """Text of the focused element, and whether an outline of at least 2 px shows where it is."""
    text, outline = page.evaluate(
        "[document.activeElement.textContent.trim(), parseFloat(getComputedStyle(document.activeElement).outlineWidth)]"
    )
    return text, outline >= 2
