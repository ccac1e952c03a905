"""Where export files lie: `<home>/exports/<environment>/<tenant>/<export>.<attempt>`, written aside and moved in whole.

An attempt has a file of its own, so one that was thought dead and ends late never touches the file of its successor.
Several machines share this folder.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from kit.planes import Environment
from kit.scope import Scope

UNFINISHED = ".part"
SETTLED_S = 3600.0  # a file younger than this may belong to a run that has not committed yet
_SAFE = re.compile(r"[A-Za-z0-9_]{1,64}")


class Store:
    """The folder of this installation's export files."""

    def __init__(self) -> None:
        self._root: Path | None = None

    def configure(self, home: Path) -> None:
        self._root = home.resolve() / "exports"

    def path(self, scope: Scope, *, export_id: str, attempt: int) -> Path:
        """Path of one attempt's file, whether it exists or not."""
        return self._folder(scope) / f"{_safe(export_id)}.{attempt}"

    @contextmanager
    def writing(self, scope: Scope, *, export_id: str, attempt: int) -> Iterator[BinaryIO]:
        """Open a file aside; it gets its name once everything is on the disk, and vanishes when writing fails."""
        final = self.path(scope, export_id=export_id, attempt=attempt)
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = final.with_name(final.name + UNFINISHED)
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, final)
            _sync_folder(final.parent)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise

    def remove(self, scope: Scope, *, export_id: str, attempt: int) -> None:
        """Delete one attempt's file. One that is not there is no error; readers that have it open read on."""
        self.path(scope, export_id=export_id, attempt=attempt).unlink(missing_ok=True)

    def tenants(self, environment: Environment) -> list[str]:
        """Tenants that have a folder."""
        root = self._top() / environment
        return sorted(entry.name for entry in root.iterdir() if entry.is_dir()) if root.is_dir() else []

    def remove_others(self, scope: Scope, kept: frozenset[tuple[str, int]]) -> int:
        """Delete the tenant's files that belong to none of the (export id, attempt) pairs, young ones excepted."""
        names = {f"{export_id}.{attempt}" for export_id, attempt in kept}
        settled_before, removed = time.time() - SETTLED_S, 0
        for path in self._folder(scope).iterdir():
            with suppress(FileNotFoundError):
                if path.name not in names and path.stat().st_mtime < settled_before:
                    path.unlink()
                    removed += 1
        return removed

    def _folder(self, scope: Scope) -> Path:
        return self._top() / Environment(scope.environment) / _safe(scope.tenant_id)

    def _top(self) -> Path:
        if self._root is None:
            raise RuntimeError("the export folder is not configured")
        return self._root


def _safe(name: str) -> str:
    if not _SAFE.fullmatch(name):
        raise ValueError("an id that is no file name")
    return name


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


store = Store()
