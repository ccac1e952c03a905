"""The OpenAPI document: complete, consistent in itself, and about the routes that exist."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from accounts.plans.scopes import SCOPES
from api.operations import PUBLIC
from api.operations import operations
from api.versions import VERSIONS

VERBS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def spec(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get("/openapi.json").json)


@pytest.fixture(scope="module")
def described(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Operations by `METHOD path`."""
    return {f"{verb.upper()} {path}": one for path, verbs in spec["paths"].items() for verb, one in verbs.items()}


def references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {found for item in node for found in references(item)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own | {found for item in node.values() for found in references(item)}


def test_document_says_what_it_is(spec: dict[str, Any]) -> None:
    assert (spec["openapi"], spec["info"]["version"], spec["info"]["title"]) == ("3.1.0", "2026-11-01", "Tableport")
    assert spec["servers"][0]["url"].startswith("http")
    schemes = spec["components"]["securitySchemes"]
    assert (schemes["key"]["type"], schemes["key"]["scheme"]) == ("http", "bearer")
    assert schemes["oauth"]["flows"]["clientCredentials"]["scopes"] == SCOPES


def test_every_api_route_is_described_and_nothing_else(app: Flask, described: dict[str, dict[str, Any]]) -> None:
    routes = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/v1/", "/sandbox/v1/"))
    }
    assert set(described) == routes
    assert len(described) == len(operations)


def test_every_operation_is_complete(described: dict[str, dict[str, Any]]) -> None:
    assert len({one["operationId"] for one in described.values()}) == len(described)
    for name, one in described.items():
        assert one["summary"].endswith("."), name
        assert one["tags"], name
        assert set(one["security"][1]["oauth"]) <= set(SCOPES), name
        assert {"401", "403", "429"} <= set(one["responses"]), name
        assert [status for status in one["responses"] if status.startswith("2")], name
        assert all(answer["description"] for answer in one["responses"].values()), name
        in_path = [parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"]
        assert in_path == re.findall(r"{(\w+)}", name), name
        names = [(parameter["in"], parameter["name"]) for parameter in one["parameters"]]
        assert len(names) == len(set(names)), name


def test_every_operation_names_the_scope_it_asks_for(described: dict[str, dict[str, Any]]) -> None:
    for operation in operations:
        one = described[f"{operation.method} {operation.path.replace('<', '{').replace('>', '}')}"]
        assert one["security"] == [{"key": []}, {"oauth": [] if operation.scope == PUBLIC else [operation.scope]}]
        assert ("requestBody" in one) is (operation.body is not None)


def test_every_reference_leads_somewhere(spec: dict[str, Any]) -> None:
    names = {f"#/components/schemas/{name}" for name in spec["components"]["schemas"]}
    assert references(spec) <= names
    assert names == references(spec)


def test_every_schema_is_a_schema(spec: dict[str, Any]) -> None:
    for name, schema in spec["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name


def test_answers_are_closed_and_complete(spec: dict[str, Any]) -> None:
    order = spec["components"]["schemas"]["OrderOut"]
    assert order["additionalProperties"] is False
    assert order["required"] == list(order["properties"])
    assert order["properties"]["external_id"] == {"type": ["string", "null"]}
    detail = spec["components"]["schemas"]["OrderDetailOut"]
    assert set(detail["properties"]) - set(detail["required"]) == {"customer", "payments", "reservation"}


# An event's object has the schema its type names, and a trigger overrides fields of any object.
OPEN = {"EventDataOut.object", "EventDataOut.previous", "TriggerIn.overrides"}


def test_every_field_says_what_it_holds(spec: dict[str, Any]) -> None:
    found = {
        f"{name}.{key}"
        for name, schema in spec["components"]["schemas"].items()
        for key, field in schema["properties"].items()
        if is_open(field)
    }
    assert found == OPEN


def is_open(field: dict[str, Any]) -> bool:
    """Whether a field may hold anything, or an object of any fields."""
    if not {"type", "$ref", "allOf", "anyOf", "oneOf", "enum"} & field.keys():
        return True
    is_object = "object" in ([field["type"]] if isinstance(field.get("type"), str) else field.get("type", []))
    return (is_object and "properties" not in field and not field.get("additionalProperties")) or (
        "items" in field and is_open(field["items"])
    )


def test_lists_are_described_as_pages(described: dict[str, dict[str, Any]]) -> None:
    for operation in operations:
        if not operation.is_list:
            continue
        one = described[f"{operation.method} {operation.path.replace('<', '{').replace('>', '}')}"]
        schema = one["responses"]["200"]["content"]["application/json"]["schema"]
        assert set(schema["required"]) == {"data", "has_more", "next_cursor"}
        assert {"limit", "cursor"} <= {parameter["name"] for parameter in one["parameters"]}


def test_verbs_are_http_verbs(spec: dict[str, Any]) -> None:
    assert {verb for verbs in spec["paths"].values() for verb in verbs} <= VERBS


@pytest.mark.parametrize("version", VERSIONS)
def test_document_lints_clean(app: Flask, tmp_path: Path, version: str) -> None:
    written = tmp_path / "openapi.json"
    written.write_bytes(app.test_client().get(f"/openapi.json?version={version}").data)
    spectral = Path(sys.prefix) / "openapi/node_modules/@stoplight/spectral-cli/dist/index.js"
    node = Path(sys.prefix) / "bin/node"
    run = subprocess.run(
        [node, spectral, "lint", written, "--ruleset", Path("tests/openapi/spectral.yaml"), "--fail-severity", "hint"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
