"""The OpenAPI documents the repository keeps: every difference from what runs is named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from api.openapi import document
from api.openapi_files import file_of
from api.openapi_files import layout
from api.versions import VERSIONS

MOST_NAMED = 20


def differences(kept: Any, new: Any, where: str = "") -> Iterator[str]:
    """Where two documents differ, deepest first: a JSON pointer and what happened there."""
    if isinstance(kept, dict) and isinstance(new, dict):
        for key in [*kept, *(key for key in new if key not in kept)]:
            here = f"{where}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in new or key not in kept:
                yield f"{here}: {'gone' if key in kept else 'new'}"
            else:
                yield from differences(kept[key], new[key], here)
    elif isinstance(kept, list) and isinstance(new, list):
        yield from differences(by_name(kept), by_name(new), where)
    elif kept != new:
        yield f"{where}: {json.dumps(kept)[:120]} became {json.dumps(new)[:120]}"


def by_name(items: list[Any]) -> dict[str, Any]:
    """Items of a list by their names, as far as they have any: parameters, words of an enum."""
    named = [one.get("name", index) if isinstance(one, dict) else one for index, one in enumerate(items)]
    return dict(zip(map(str, named), items, strict=True))


@pytest.mark.parametrize("version", VERSIONS)
def test_kept_document_is_what_runs(app: Flask, version: str) -> None:
    kept = json.loads(file_of(version).read_text(encoding="utf-8"))
    found = list(differences(kept, json.loads(json.dumps(document(version)))))
    named = "\n".join(found[:MOST_NAMED])
    assert not found, f"{len(found)} differences (`make docs` keeps the new document):\n{named}"


@pytest.mark.parametrize("version", VERSIONS)
def test_kept_document_is_written_as_make_docs_writes_it(version: str) -> None:
    text = file_of(version).read_text(encoding="utf-8")
    assert text == layout(json.loads(text)) + "\n"


def test_differences_are_named_by_their_place() -> None:
    limit = {"name": "limit", "schema": {"maximum": 100}}
    kept = {"paths": {"/v1/a": {"parameters": [limit]}, "/v1/b": {}}, "enum": ["a", "b"]}
    new = {"paths": {"/v1/a": {"parameters": [{"name": "q"}, {**limit, "schema": {}}]}, "/v1/c": {}}, "enum": ["a", "c"]}
    assert list(differences(kept, new)) == [
        "/paths/~1v1~1a/parameters/limit/schema/maximum: gone", "/paths/~1v1~1a/parameters/q: new", "/paths/~1v1~1b: gone",
        "/paths/~1v1~1c: new", "/enum/b: gone", "/enum/c: new",
    ]  # fmt: skip


def test_layout_breaks_only_what_does_not_fit() -> None:
    assert layout({"a": [1, 2]}) == '{"a": [1, 2]}'
    long = "x" * 115
    assert layout({"a": {"b": long}, "c": []}) == f'{{\n "a": {{\n  "b": "{long}"\n }},\n "c": []\n}}'
