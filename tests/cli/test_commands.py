"""The client's other commands: pairing in the portal, and what each prints and returns."""

import json
import re
import stat
import time
from collections.abc import Iterator

import httpx
import pytest

from benchmarks.stack import Stack
from tests.cli.conftest import Machine
from tests.cli.conftest import NewMachine
from tests.portal.browsing import Forms


@pytest.fixture
def person(stack: Stack) -> Iterator[httpx.Client]:
    """The demo partner's developer, signed in to the portal."""
    known = stack.demo["portal"]["partner"]
    with httpx.Client(base_url=stack.url, follow_redirects=True, timeout=30) as client:
        send(client, client.get("/login"), "/login", email=known["email"], password=known["password"])
        yield client


def send(client: httpx.Client, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
    forms = Forms(page.text).found
    target = next(found for found in forms if found.endswith(action))
    return client.post(target, data={**forms[target], **fields}, headers={"Referer": str(page.url)})


def paired(machine: Machine, person: httpx.Client, decision: str = "approve") -> str:
    """Log a machine in; returns what the command printed at its end."""
    login = machine.start("login")
    path = login.line("Open").split(str(person.base_url))[1]
    page = person.get(path)
    assert machine.name in page.text
    send(person, page, "/cli/decide", decision=decision)
    return login.line("Logged in" if decision == "approve" else "tableport:")


def test_login_pairs_the_machine_and_logout_ends_that(stack: Stack, person: httpx.Client, new_machine: NewMachine) -> None:
    machine = new_machine("anna", key=None)
    assert "Logged in to the sandbox of" in paired(machine, person)
    file = machine.home / "tableport" / "credentials.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = json.loads(file.read_text())[stack.url]["api_key"]

    me = json.loads(machine.run("whoami", "--json").out)
    assert (me["environment"], me["machine"], me["base_url"]) == ("sandbox", "anna", stack.url)
    assert "tableport on anna" in person.get("/sandbox/keys").text
    machine.run("listen", "--print-secret")
    assert "tableport listen on anna" in person.get("/sandbox/webhooks").text

    assert machine.run("logout").code == 0
    assert "tableport listen on anna" not in person.get("/sandbox/webhooks").text
    refused = httpx.get(f"{stack.url}/v1/me", headers={"Authorization": f"Bearer {key}"})
    assert refused.json()["code"] == "token_revoked"
    again = machine.run("whoami")
    assert (again.code, again.out) == (3, "")
    assert again.err == f"tableport: not logged in to {stack.url}: run `tableport login` or set TABLEPORT_CLI_KEY\n"


def test_denied_login_keeps_nothing(person: httpx.Client, new_machine: NewMachine) -> None:
    machine = new_machine("eve", key=None)
    assert paired(machine, person, "deny") == "tableport: The pairing was denied"
    assert not machine.home.exists()


def test_logging_in_again_ends_the_key_before(person: httpx.Client, new_machine: NewMachine) -> None:
    machine = new_machine("twice", key=None)
    for _ in range(2):
        paired(machine, person)
    row = r"tableport on twice</a>.*?</tr>"
    states = [re.search(r"(Active|Revoked)</span>", found)[1] for found in  # type: ignore[index]
              re.findall(row, person.get("/sandbox/keys").text, re.DOTALL)]  # fmt: skip
    assert sorted(states) == ["Active", "Revoked"]
    assert machine.run("logout").code == 0


def test_delivery_sent_again_from_the_portal_reaches_the_machine(
    api: httpx.Client, person: httpx.Client, new_machine: NewMachine
) -> None:
    machine = new_machine("kitchen")
    listen = machine.start("listen", "--events", "order.ready")
    own = listen.line("Deliveries").rsplit("/", 1)[1]
    event_id = json.loads(machine.run("trigger", "order.ready", "--json").out)["event_id"]
    listen.line("order.ready", event_id, "-> 204")
    first = finished_delivery(api, own)

    page = person.get(f"/sandbox/webhooks/{own}/deliveries/{first}")
    again = send(person, page, f"/{first}/resend")

    assert "this is its new delivery" in again.text
    listen.line("order.ready", event_id, "-> 204")


def finished_delivery(api: httpx.Client, endpoint_id: str) -> str:
    """The endpoint's only delivery, once it has succeeded."""
    found: list[dict[str, str]] = []
    for _ in range(60):
        found = api.get(f"/v1/webhooks/{endpoint_id}/deliveries?state=succeeded").raise_for_status().json()["data"]
        if found:
            break
        time.sleep(0.5)
    [delivery] = found
    return delivery["id"]


def test_events_and_logs_are_listed(api: httpx.Client, new_machine: NewMachine) -> None:
    machine = new_machine("reader")
    ids = [json.loads(machine.run("trigger", kind, "--json").out)["event_id"] for kind in ("order.ready", "menu.updated")]

    listed = [json.loads(line) for line in machine.run("events", "--json", "--limit", "2").out.splitlines()]
    assert [event["id"] for event in listed] == ids
    assert ids[0] in machine.run("events", "--since", "1h").out
    assert ids[0] not in machine.run("events", "--types", "menu.updated").out

    assert api.get("/v1/orders/ord_none").status_code == 404
    follow = machine.start("logs", "--follow", "--status", "4xx")
    assert "resource_not_found" in follow.line("GET /v1/orders/ord_none")
    assert api.get("/v1/menus/mnu_none").status_code == 404
    follow.line("GET /v1/menus/mnu_none")
    assert follow.interrupt() == 130


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["trigger", "order.creatd"], 1, "'order.creatd' is no event type; did you mean order.created"),
        (["trigger", "order.created", "--object", "ord_none"], 1, "There is no order ord_none."),
        (["trigger", "order.created", "--override", "status"], 2, "'status' is no override; write name=value"),
        (["resend", "evt_none"], 1, "this machine has no listener yet"),
        (["listen", "--events", "ordr.*"], 2, "no event type matches 'ordr.*'"),
        (["listen", "--since", "soon"], 2, "'soon' is not a span of time; write 90s, 30m, 2h or 7d"),
        (["listen", "--forward-to", "ftp://localhost"], 2, "is no http or https address"),
        (["events", "--limit", "0"], 2, "--limit"),
        (["logout"], 2, "the key comes from TABLEPORT_CLI_KEY; there is nothing to log out of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_failure_is_one_line_and_an_exit_code(new_machine: NewMachine, words: list[str], code: int, error: str) -> None:
    done = new_machine("clumsy").run(*words)
    assert (done.code, done.out, error in done.err) == (code, "", True), done.err
    assert done.err.splitlines()[-1].startswith("tableport")


def test_failure_is_json_when_asked_for(new_machine: NewMachine) -> None:
    done = new_machine("program", key="tp_test_sk_nonsense").run("whoami", "--json")
    assert done.code == 3
    assert json.loads(done.err)["error"] | {"message": ""} == {"code": "unauthenticated", "message": "", "status": 401}


def test_platform_that_is_not_there_is_said_so(new_machine: NewMachine) -> None:
    done = new_machine("far").run("whoami", "--base-url", "http://127.0.0.1:9")
    assert (done.code, done.err.startswith("tableport: cannot reach http://127.0.0.1:9: ")) == (4, True)
