"""The OpenAPI documents as files of the repository: what integrations are promised. `make docs` writes them anew.

A test names every difference from what runs. Every product must be imported first, so that its operations are known.
"""

import json
from pathlib import Path
from typing import Any

from api.openapi import document
from api.versions import VERSIONS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "openapi"
WIDTH = 120


def file_of(version: str) -> Path:
    """Where the document of a version is kept."""
    return FOLDER / f"core-{version}.json"


def layout(value: Any, indent: int = 0) -> str:
    """JSON in few lines that still differ one by one: what fits in a line stands in one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    if isinstance(value, dict):
        opening, closing = "{}"
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {layout(part, indent + 1)}" for key, part in value.items()]
    else:
        opening, closing = "[]"
        parts = [layout(part, indent + 1) for part in value]
    margin = "\n" + " " * (indent + 1)
    return opening + margin + f",{margin}".join(parts) + "\n" + " " * indent + closing


def write() -> None:
    """Write the document of every version."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for version in VERSIONS:
        file_of(version).write_text(layout(document(version)) + "\n", encoding="utf-8")
