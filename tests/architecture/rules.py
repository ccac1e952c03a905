"""The conventions that a tool can hold, one function each: a file in, the lines that break the rule out."""

import ast
import re
from collections.abc import Iterator

from api.process import MODELS
from kit.planes import db
from kit.scope import TenantOwned
from tests.architecture.source import Source

FUNCTION_LINES = 40
CLIENTS = re.compile(r"(aiohttp|httpx|requests|urllib3|urllib\.request|http\.client|ftplib)\b")
OUTSIDE = {
    "worker/egress.py",  # checks where every address leads
    "worker/supervise.py",  # asks this machine's own web server whether it is ready
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def transactions_end_in_kit(source: Source) -> Iterator[int]:
    """`.commit()` and `.rollback()` belong to kit/unit.py: services take part in a transaction, they never end it."""
    if source.path != "kit/unit.py":
        yield from _method_calls(source, "commit", "rollback")


def imports_are_at_the_top(source: Source) -> Iterator[int]:
    """An import inside a function hides a dependency from the import contracts."""
    for function in _nodes(source, ast.FunctionDef, ast.AsyncFunctionDef):
        yield from (node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def driver_stays_in_kit(source: Source) -> Iterator[int]:
    """A bare cursor steps around every tenant guard."""
    if source.path.startswith("kit/"):
        return
    yield from _method_calls(source, "cursor", "raw_connection")
    yield from (node.lineno for node in _nodes(source, ast.Attribute) if node.attr == "driver_connection")


def tenants_are_crossed_in_one_file(source: Source) -> Iterator[int]:
    """The `ops` role is reached through worker/operations.py, where each reason is listed."""
    if source.path not in ("kit/unit.py", "worker/operations.py"):
        yield from (node.lineno for node in _nodes(source, ast.Name) if node.id == "cross_tenant_unit")


def tenant_reads_start_at_owned_by(source: Source) -> Iterator[int]:
    """`select(Order)` starts a read that no scope is part of. Escape: a comment `# unscoped: <reason>`.

    Files named queries hold registered statements, whose tenant predicate kit.documents checks itself.
    """
    if source.path.startswith("kit/") or source.path.endswith("queries.py"):
        return
    for call in _nodes(source, ast.Call):
        is_read = isinstance(call.func, ast.Name) and call.func.id == "select"
        is_read |= isinstance(call.func, ast.Attribute) and call.func.attr in ("query", "get") and bool(call.args)
        named = {node.id for node in call.args[:1] for node in ast.walk(node) if isinstance(node, ast.Name)}
        if is_read and named & _tenant_owned() and not _has_comment(source, call, "# unscoped: "):
            yield call.lineno


def network_is_left_through_egress(source: Source) -> Iterator[int]:
    """An address that a partner chose is safe in worker/egress.py only. The command-line client runs on another machine."""
    if source.path in OUTSIDE or source.path.startswith("tableport/"):
        return
    for node in _nodes(source, ast.Import, ast.ImportFrom):
        module = getattr(node, "module", None)
        names = [f"{module}.{name.name}" if module else name.name for name in node.names]
        if any(CLIENTS.match(name) for name in names):
            yield node.lineno


def environment_is_read_in_settings(source: Source) -> Iterator[int]:
    """Settings are typed, checked and documented in kit/settings.py; nothing else looks at the environment.

    The command-line client runs on another machine and has an environment of its own.
    """
    if source.path not in ("kit/settings.py", "tableport/credentials.py"):
        reads = [node for node in _nodes(source, ast.Attribute) if node.attr in ("environ", "getenv")]
        yield from (node.lineno for node in reads if isinstance(node.value, ast.Name) and node.value.id == "os")


def functions_are_short(source: Source) -> Iterator[int]:
    """At most 40 lines, not counting the docstring."""
    for function in _nodes(source, ast.FunctionDef, ast.AsyncFunctionDef):
        length = (function.end_lineno or 0) - function.lineno + 1 - _docstring_lines(function)
        if length > FUNCTION_LINES:
            yield function.lineno


def ignores_carry_a_reason(source: Source) -> Iterator[int]:
    """`# noqa: X123 - because …`: whoever silences the linter says why."""
    for number, line in enumerate(source.lines, 1):
        if re.search(r"# noqa(?!: [A-Z]+\d+(, ?[A-Z]+\d+)* - \S)", line):
            yield number


def nothing_is_left_for_later(source: Source) -> Iterator[int]:
    """Unfinished work has no place in the code."""
    for number, line in enumerate(source.lines, 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            yield number


def asserts_are_for_tests(source: Source) -> Iterator[int]:
    """`python -O` removes them, so they guard nothing."""
    yield from (node.lineno for node in _nodes(source, ast.Assert))


def _nodes(source: Source, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(source.tree) if isinstance(node, kinds))


def _method_calls(source: Source, *names: str) -> Iterator[int]:
    for call in _nodes(source, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in names:
            yield call.lineno


def _tenant_owned() -> set[str]:
    classes = [mapper.class_ for mapper in db.Model.registry.mappers] if MODELS else []
    return {cls.__name__ for cls in classes if issubclass(cls, TenantOwned)}


def _has_comment(source: Source, node: ast.Call, comment: str) -> bool:
    lines = source.lines[node.lineno - 1 : (node.end_lineno or node.lineno)]
    return any(comment in line for line in lines)


def _docstring_lines(function: Function) -> int:
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
