"""From the sandbox to production and out of it again, by a partner and an operator at two browsers."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect
from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.service import connect
from accounts.applications.service import create_tenant
from accounts.organisations.models import Membership
from accounts.people.models import Person
from accounts.people.service import create_person
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control_unit
from sandbox.provision import provision
from tests.journeys import screens

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.timeout(60)]
NOTE, REASON = "A kiosk for quick-service restaurants.", "Send an Idempotency-Key with every order."


def connect_a_restaurant(email: str) -> None:
    """Let a restaurant connect the application of whoever signed up with this address."""
    with control_unit() as unit:
        query = select(Application.id).join(Membership, Membership.organisation_id == Application.organisation_id)
        query = query.join(Person, Person.id == Membership.person_id).where(Person.email == email)
        application_id = unit.session.scalars(query).one()
        tenant = create_tenant(
            environment=Environment.PRODUCTION, application_id=None, name="Real Bistro", plan_tier="pro", profile="empty"
        )
        connect(application_id=application_id, tenant_id=tenant.id)
    provision(tenant.id)


def make_operator(email: str) -> None:
    with control_unit():
        create_person(email=email, password=screens.OPERATOR[1], is_operator=True)


def submit(page: Page, address: str, scopes: tuple[str, ...]) -> None:
    """Ask for production from the checklist, with these scopes."""
    page.goto(f"{address}/sandbox/application/evidence")
    for scope in scopes:
        page.check(f"input[value='{scope}']")
    page.fill("#f-note", NOTE)
    page.get_by_role("button", name="Request production access").click()
    expect(page.get_by_role("status")).to_contain_text("The request is in.")


def live_key(page: Page, address: str) -> str:
    """Make a live key for orders and menus, which works once the application is approved."""
    page.goto(f"{address}/live/keys")
    page.fill("#f-name", "Kiosk")
    for scope in ("orders:read", "menus:read"):
        page.check(f"input[value='{scope}']")
    page.get_by_role("button", name="Create key").click()
    return page.locator("#issued-key").inner_text()


def answers(page: Page, address: str, key: str, path: str) -> tuple[int, str]:
    """Status and error code of a call with the key."""
    answer = page.request.get(address + path, headers={"Authorization": f"Bearer {key}"})
    return answer.status, answer.json().get("code", "")


def test_application_goes_live_with_fewer_scopes_and_is_stopped(app: Flask) -> None:
    mark = new_id("x")[-8:].lower()
    partner_email, operator_email = f"{mark}.{screens.PARTNER[0]}", f"{mark}.{screens.OPERATOR[0]}"
    screens.in_a_thread(make_operator, operator_email)
    with screens.served(app) as address, screens.browser() as chromium:
        page, desk = chromium.new_context().new_page(), chromium.new_context().new_page()
        screens.sign_up(page, address, partner_email)
        screens.in_a_thread(screens.confirm_address, partner_email)
        screens.in_a_thread(connect_a_restaurant, partner_email)
        key = live_key(page, address)
        assert answers(page, address, key, "/v1/orders") == (403, "production_not_approved")
        submit(page, address, ("orders:read", "menus:read"))

        screens.log_in(desk, address, (operator_email, screens.OPERATOR[1]))
        desk.get_by_label("Open requests").locator("tr", has_text="Bistro Systems").last.get_by_role("link").click()
        request = desk.url
        desk.fill("#f-reason", REASON)
        desk.get_by_role("button", name="Ask for changes").click()

        page.goto(f"{address}/notices")
        page.get_by_role("link", name="needs changes before it goes live").click()
        expect(page.locator("main")).to_contain_text(REASON)
        submit(page, address, ("orders:read", "menus:read"))

        desk.goto(request)
        expect(desk.locator("main")).to_contain_text(NOTE)
        desk.uncheck("input[value='menus:read']")
        desk.get_by_role("button", name="Approve").click()
        assert answers(page, address, key, "/v1/orders") == (200, "")
        assert answers(page, address, key, "/v1/menus") == (403, "insufficient_scope")

        desk.goto(request)
        desk.fill("#f-suspend-reason", "Calls every second.")
        desk.get_by_role("button", name="Suspend").click()
        assert answers(page, address, key, "/v1/orders") == (403, "insufficient_scope")
        page.goto(f"{address}/sandbox/application")
        expect(page.locator("main")).to_contain_text("This application is suspended.")
