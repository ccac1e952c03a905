"""Every page in a real browser: both themes, wide and narrow, one picture each and axe-core's verdict.

`python -m tests.journeys.screens [folder]` starts a portal of its own, walks it, writes PNG files and lists what axe found.
"""

import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import ViewportSize
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from accounts.oauth.service import DEVICE_CODE
from accounts.people.service import create_person
from accounts.webhooks.warnings import warn_endpoint
from bootstrap import create_app
from kit.clock import now
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control_unit
from tests.support.chromium import find_chromium
from tests.support.oauth import request_of
from tests.support.people import confirm
from tests.support.planes import running_services
from worker.deliver import pump

AXE = Path(__file__).parent.parent / "portal" / "vendor" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OPERATOR = ("operator@example.com", "walnut-harbour-tram-55")
PARTNER = ("partner@example.com", "gravel-lantern-otter-92")
PUBLIC_PATHS = (
    "/", "/signup", "/login", "/password/forgotten", "/nothing-here",
    "/docs", "/docs/examples", "/docs/reference", "/docs/reference/payments",
    "/docs/errors", "/docs/events", "/docs/webhooks/verify", "/docs/sandbox", "/docs/versions", "/docs/scopes", "/docs/plans",
    "/docs/oauth", "/docs/roles",
)  # fmt: skip
MEMBER_PATHS = (
    "/start", "/cli", "/account", "/notices", "/audit", "/security", "/confirm", "/members", "/members/permissions",
    "/organisations",
    "/sandbox/dashboard", "/sandbox/application", "/sandbox/application/evidence",
    "/sandbox/keys", "/sandbox/clients", "/sandbox/apps", "/sandbox/webhooks", "/sandbox/inbox", "/sandbox/logs", "/sandbox/data",
    "/sandbox/usage", "/sandbox/plan",
    "/live/dashboard", "/live/application", "/live/keys", "/live/clients", "/live/apps", "/live/webhooks", "/live/logs",
    "/live/usage", "/live/plan",
)  # fmt: skip
DETAILS = {  # a page whose address is found as the first such link on a list
    "key": ("/sandbox/keys", "a[href^='/sandbox/keys/key_']"),
    "endpoint": ("/sandbox/dashboard", "a[href^='/sandbox/webhooks/we_']"),
    "log": ("/sandbox/logs", "a[href^='/sandbox/logs/req_']"),
    "delivery": ("{endpoint}", "a[href*='/deliveries/dlv_']"),
}


@dataclass(frozen=True)
class Look:
    """A theme and a width a page is seen in."""

    theme: Literal["light", "dark"]
    width: int
    height: int

    @property
    def name(self) -> str:
        return f"{self.theme}-{self.width}"

    @property
    def size(self) -> ViewportSize:
        return {"width": self.width, "height": self.height}


LOOKS = (Look("light", 1280, 900), Look("light", 390, 844), Look("dark", 1280, 900), Look("dark", 390, 844))


@dataclass(frozen=True)
class Finding:
    """One rule of axe-core broken on one page."""

    where: str
    rule: str
    node: str


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application on a free port and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    before = app.config["PUBLIC_URL"]
    app.config["PUBLIC_URL"] = address
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.config["PUBLIC_URL"] = before


@contextmanager
def browser() -> Iterator[Browser]:
    """The installed Chromium, driven by Playwright."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


def sign_up(page: Page, address: str, email: str = PARTNER[0]) -> None:
    """Create the partner's account in the browser; ends on the start page with the key."""
    page.goto(f"{address}/signup")
    page.fill("#f-email", email)
    page.fill("#f-password", PARTNER[1])
    page.fill("#f-company", "Bistro Systems")
    page.click("main button")
    page.wait_for_url("**/start")


def confirm_address(email: str) -> None:
    """Let the address be confirmed, as the link in its letter would."""
    with control_unit():
        confirm(email)


def log_in(page: Page, address: str, who: tuple[str, str]) -> None:
    """Sign in with the form."""
    page.goto(f"{address}/login")
    page.fill("#f-email", who[0])
    page.fill("#f-password", who[1])
    page.click("main button")
    page.wait_for_url(lambda url: not url.endswith("/login"))


def make_traffic(page: Page) -> None:
    """Press the ready calls of the console."""
    for label in ("Who am I?", "Read the menu", "List orders", "Place an order", "Place an order"):
        page.get_by_role("button", name=label).click()
        page.locator("#answer").wait_for(state="visible")
        page.wait_for_timeout(150)


def in_a_thread(step: Callable[..., Any], *arguments: Any) -> None:
    """Run something of the platform. In a thread: this one belongs to Playwright's event loop."""
    thread = Thread(target=step, args=arguments)
    thread.start()
    thread.join()


def warn(endpoint_id: str) -> None:
    """Let an endpoint come near to being switched off, so that there is a notice and a mail."""
    with control_unit():
        since = now() - timedelta(days=3, hours=12)
        warn_endpoint(endpoint_id=endpoint_id, version=1, percent=70, failing_since=since, last_reason="http_502")


def findings_of(page: Page, where: str) -> list[Finding]:
    """Run axe-core on the page as it stands."""
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", list(RULES)
    )
    return [
        Finding(where, violation["id"], f"{node['html'][:160]} | {node['failureSummary'][:200]}")
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def is_too_wide(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def visit(page: Page, address: str, path: str, name: str, folder: Path | None) -> list[Finding]:
    """Open a page, take its picture, and return what is wrong with it."""
    page.goto(address + path)
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    found = findings_of(page, f"{path} {name}")
    if is_too_wide(page):
        found.append(Finding(f"{path} {name}", "reflow", "the page scrolls sideways"))
    return found


def detail_paths(page: Page, address: str) -> list[tuple[str, str]]:
    """Addresses of one key, one endpoint and one logged call."""
    paths: dict[str, str] = {}
    for name, (listing, selector) in DETAILS.items():
        page.goto(address + listing.format(**paths))
        paths[name] = page.locator(selector).first.get_attribute("href") or listing
    return list(paths.items())


def walk(context: BrowserContext, address: str, paths: list[tuple[str, str]], look: str, folder: Path | None) -> list[Finding]:
    """Visit all paths in one context; each is (name, path)."""
    page = context.new_page()
    broken: list[Finding] = []
    page.on("console", lambda message: message.type == "error" and "status of 404" not in message.text
            and broken.append(Finding(f"{page.url} {look}", "console", message.text)))  # fmt: skip
    found = [item for name, path in paths for item in visit(page, address, path, f"{name}-{look}", folder)]
    page.close()
    return found + broken


def named(paths: tuple[str, ...]) -> list[tuple[str, str]]:
    """(picture name, path) of plain paths."""
    return [(path.strip("/").replace("/", "-") or "home", path) for path in paths]


def examine(app: Flask, folder: Path | None, looks: tuple[Look, ...]) -> list[Finding]:
    """Walk every page as a visitor, a partner and an operator in these looks."""
    mark = new_id("x")[-8:].lower()  # the accounts of this walk are its own
    operator = (f"{mark}.{OPERATOR[0]}", OPERATOR[1])
    with control_unit():
        create_person(email=operator[0], password=operator[1], name="Operator", is_operator=True)
    found: list[Finding] = []
    with served(app) as address, browser() as chromium:
        setup = chromium.new_context()
        page = setup.new_page()
        sign_up(page, address, f"{mark}.{PARTNER[0]}")
        found += visit_start(page, folder, looks)
        make_traffic(page)
        page.wait_for_timeout(1200)
        in_a_thread(pump, Environment.SANDBOX)
        details = detail_paths(page, address)
        in_a_thread(warn, dict(details)["endpoint"].rpartition("/")[2])
        in_a_thread(confirm_address, f"{mark}.{PARTNER[0]}")
        ask_for_production(page, address)
        details += let_an_application_in(page, address)
        review = chromium.new_context()
        page = review.new_page()
        log_in(page, address, operator)
        request = page.locator("a[href^='/admin/requests/']").first.get_attribute("href") or "/admin"
        page.goto(f"{address}/admin/mails")
        mail = page.locator("a[href^='/admin/mails/mail_']").first.get_attribute("href") or "/admin/mails"
        page.goto(f"{address}/admin/organisations")
        organisation = page.locator("a[href^='/admin/organisations/org_']").first.get_attribute("href") or "/admin/organisations"
        mails = [("admin-mails", "/admin/mails"), ("admin-mail", mail), ("admin-audit", "/admin/audit"),
                 ("admin-plans", "/admin/plans"), ("admin-organisations", "/admin/organisations"),
                 ("admin-organisation", organisation)]
        people = (
            (None, named(PUBLIC_PATHS)),
            (setup.storage_state(), named(MEMBER_PATHS) + details),
            (review.storage_state(), [("admin", "/admin"), ("admin-request", request), *mails]),
        )
        for look in looks:
            for state, paths in people:
                context = chromium.new_context(viewport=look.size, color_scheme=look.theme, storage_state=state)
                found += walk(context, address, paths, look.name, folder)
                context.close()
    return found


def visit_start(page: Page, folder: Path | None, looks: tuple[Look, ...]) -> list[Finding]:
    """The start page while the key is on it: it can be seen once only, so every look is taken from one load."""
    found = []
    for look in looks:
        page.emulate_media(color_scheme=look.theme)
        page.set_viewport_size(look.size)
        if folder is not None:
            page.screenshot(path=folder / f"start-key-{look.name}.png", full_page=True)
        found += findings_of(page, f"/start with key {look.name}")
        if is_too_wide(page):
            found.append(Finding(f"/start {look.name}", "reflow", "the page scrolls sideways"))
    return found


def ask_for_production(page: Page, address: str) -> None:
    """Send the request form, so that the operator has something to look at."""
    page.goto(f"{address}/sandbox/application/evidence")
    page.fill("#f-note", "A kiosk for quick-service restaurants.")
    page.get_by_role("button", name="Request production access").click()


def let_an_application_in(page: Page, address: str) -> list[tuple[str, str]]:
    """Register a client, let it in and follow to where it wants people back: a page of ours plays the application.

    Returns the pages of the client and of the consent, the latter also as a device asks for it.
    """
    page.goto(f"{address}/sandbox/clients")
    page.fill("#f-name", "Loyalty for bistros")
    page.select_option("#f-kind", "public")
    page.fill("#f-redirect_uris", f"{address}/docs")
    page.check("input[name='scopes'][value='orders:write']")
    page.check(f"input[name='grant_types'][value='{DEVICE_CODE}']")
    page.get_by_role("button", name="Register client").click()
    page.wait_for_url("**/clients/cli_*")
    shown = page.url.removeprefix(address)
    client_id = shown.rpartition("/")[2]
    begun = page.request.post(f"{address}/oauth/device_authorization", form={"client_id": client_id}).json()
    asked = request_of(client_id, redirect_uri=f"{address}/docs", scope="orders:read orders:write menus:read")
    page.goto(address + asked)
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/docs?code=*")
    device = f"/device?user_code={begun['user_code']}"
    return [("client", shown), ("consent", asked), ("device", device), ("device-code", "/device")]


def main() -> int:
    """Write the pictures and list the findings; 1 when there are any."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/screens")
    folder.mkdir(parents=True, exist_ok=True)
    with running_services("sqlite") as settings:
        found = examine(create_app(settings), folder, LOOKS)
    for item in found:
        sys.stdout.write(f"{item.where}: {item.rule}: {item.node}\n")
    sys.stdout.write(f"{len(found)} findings; pictures in {folder}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
