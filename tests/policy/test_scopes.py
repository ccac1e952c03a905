"""Which scope opens which endpoint: routes, operations and the OpenAPI document say the same, and the gate does it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Blueprint
from flask import Flask

from accounts.plans.scopes import SCOPES
from api.auth import Principal
from api.auth import authenticate
from api.gate import authorize
from api.gate import endpoint
from api.operations import PUBLIC
from api.operations import Operation
from api.operations import operations
from kit.errors import Forbidden
from portal.docs import reference
from tests.api.partners import sandbox_partner
from tests.architecture.source import application

# Routes that are neither pages of the portal nor operations of the API, and what protects each instead.
OPEN = {
    "GET /static/<path:filename>": "nothing: files everybody may read",
    "GET /openapi.json": "nothing: documentation",
    "GET /.well-known/oauth-authorization-server": "nothing: documentation",
    "GET /.well-known/oauth-protected-resource": "nothing: documentation",
    "GET /healthz": "nothing: says that the process answers",
    "GET /readyz": "nothing: says whether it can work",
    "POST /oauth/token": "the client's authentication",
    "POST /oauth/par": "the client's authentication",
    "POST /oauth/device_authorization": "the client's authentication",
    "POST /oauth/revoke": "the client's authentication",
    "POST /oauth/introspect": "the client's authentication",
    "POST /cli/v1/pairings": "a limit: whoever begins gets nothing until a person decides",
    "POST /cli/v1/pairings/collect": "the code of the pairing",
    "POST /cli/v1/pairings/end": "the key itself",
    "POST /security/v1/leaked-keys": "the key itself",
}  # fmt: skip
WIDENS = {"customers:pii"}  # opens no operation of its own, and shows more in those that other scopes open
WAITING = {"channel:orders", "channel:menus", "pos:session", "staff:read"}  # of products that have no operations yet


@pytest.fixture(scope="module")
def described(app: Flask) -> dict[str, dict[str, Any]]:
    """Operations of the OpenAPI document by `METHOD path`."""
    paths = app.test_client().get("/openapi.json").json["paths"]
    return {f"{verb.upper()} {path}": one for path, verbs in paths.items() for verb, one in verbs.items()}


@pytest.fixture(scope="module")
def principal(app: Flask) -> Principal:
    """A sandbox credential on the largest plan, with every scope."""
    partner = sandbox_partner(plan_tier="enterprise", profile="empty")
    return authenticate(f"Bearer {partner.key}", "127.0.0.1")


def address_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path.replace('<', '{').replace('>', '}')}"


def opens(principal: Principal, operation: Operation) -> bool:
    try:
        authorize(operation, principal, sandbox_only=operation.product == "sandbox")
    except Forbidden:
        return False
    return True


def test_every_route_is_a_page_an_operation_or_listed_here(app: Flask) -> None:
    answered = {f"{one.method} {one.path}" for one in operations}
    rest, api = set(), set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("portal."):
            continue
        named = {f"{method} {rule.rule}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
        (api.update if named <= answered else rest.update)(named)

    assert api == answered
    assert rest == set(OPEN)


def test_security_of_the_document_is_the_scope_of_the_operation(described: dict[str, dict[str, Any]]) -> None:
    shown = {address: one["security"] for address, one in described.items()}
    assert shown == {
        address_of(one): [{"key": []}, {"oauth": [] if one.scope == PUBLIC else [one.scope]}] for one in operations
    }


def test_catalogue_has_the_scopes_of_the_contract_and_every_one_opens_something() -> None:
    assert len(SCOPES) == 39
    assert {one.scope for one in operations} - {PUBLIC} == set(SCOPES) - WIDENS - WAITING


def test_endpoint_with_a_scope_outside_of_the_catalogue_cannot_be_registered() -> None:
    for scope in ("", "orders:paint"):
        with pytest.raises(TypeError):
            endpoint(Blueprint("forgotten", __name__), "GET", "/forgotten", scope=scope)


def test_source_names_no_scope_outside_of_the_catalogue() -> None:
    """Datasets, event types, presets and consent name scopes as text: a name that is none would match nothing, silently."""
    named = {
        text for source in application() for text in re.findall(r'"([a-z]+:[a-z]+)"', source.text)
        if text.partition(":")[0] in {scope.partition(":")[0] for scope in SCOPES}
    }  # fmt: skip
    assert named - set(SCOPES) == set()
    assert len(named) == 39


@pytest.mark.compliance("ASVS 5.0 8.1.1")
def test_documentation_lists_every_operation_under_its_scope() -> None:
    shown = {(entry.operation.name, entry.scope or PUBLIC) for entry in reference.entries()}
    assert shown == {(one.name, one.scope) for one in operations}


@pytest.mark.compliance("ASVS 5.0 8.2.1")
@pytest.mark.parametrize("scope", SCOPES)
def test_scope_alone_opens_its_operations_and_no_other(
    scope: str, principal: Principal, described: dict[str, dict[str, Any]]
) -> None:
    holder = replace(principal, scopes=frozenset({scope}))
    needed = {address: one["security"][1]["oauth"] for address, one in described.items()}

    for operation in operations:
        assert opens(holder, operation) == (needed[address_of(operation)] in ([], [scope])), operation.name


@pytest.mark.parametrize("operation", operations, ids=lambda one: one.name)
def test_operation_is_closed_to_every_other_scope_together(operation: Operation, principal: Principal) -> None:
    without = replace(principal, scopes=frozenset(SCOPES) - {operation.scope})

    assert opens(principal, operation)
    assert opens(without, operation) == (operation.scope == PUBLIC)
