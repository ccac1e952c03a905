"""Every change a person may make is written to the audit log: read from the source, so that a new service cannot forget it."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import application

CHECKS = {"ensure", "ensure_on", "ensure_as"}  # who may change something is asked first
READS = ("list_", "get_", "find_", "search_", "queue", "decided")
WRITES = {"audit.record"}
NOT_KEPT = {
    "accounts.notices.service.mark_read": "a reading mark is no change of access",
    "accounts.notices.service.mark_all_read": "a reading mark is no change of access",
}
Calls = dict[str, set[str]]


def calls_of_accounts() -> Calls:
    """Function, with its module, to what it calls."""
    found: Calls = {}
    for source in application():
        if source.path.startswith("accounts/"):
            module = source.path.removesuffix(".py").replace("/", ".")
            found.update(functions_of(module, ast.parse(source.text)))
    return found


def functions_of(module: str, tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    names = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }  # fmt: skip
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names |= {function.name: f"{module}.{function.name}" for function in functions}
    for function in functions:
        called = {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
        yield f"{module}.{function.name}", {names.get(name, name) for name in called}


def reaches(calls: Calls, start: str, goal: set[str]) -> bool:
    seen, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name in goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(calls.get(name, ()))
    return False


CALLS = calls_of_accounts()
CHANGES = sorted(
    name for name, called in CALLS.items()
    if any(one.rpartition(".")[2] in CHECKS for one in called)
    and not name.rpartition(".")[2].startswith((*READS, "_", "ensure"))
)  # fmt: skip


def test_walk_finds_the_changes():
    assert set(NOT_KEPT) <= set(CHANGES)
    assert {
        "accounts.keys.service.create_key", "accounts.oauth.service.create_client", "accounts.approvals.service.decide",
        "accounts.people.memberships.change_role", "accounts.webhooks.service.update_endpoint",
    } <= set(CHANGES)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_change_is_written_to_the_audit_log(change: str):
    assert reaches(CALLS, change, WRITES) != (change in NOT_KEPT)
