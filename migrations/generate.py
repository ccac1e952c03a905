"""`make migration`: writes what the models have and the migrations lack, for both families.

Compares the metadata with a fresh SQLite database at the current head and renders the difference to the family's
`versions/` folder. A new table is followed by its grants (migrations.roles). Read the result before committing it.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateTableOp
from alembic.operations.ops import MigrateOperation
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger
from sqlalchemy import MetaData

from api.process import MODELS
from kit.clock import Instant
from kit.documents import JsonColumn
from kit.planes import db
from kit.planes import owner_engine
from kit.settings import Settings
from migrations.partitions import is_in_models
from migrations.roles import CONTROL_TABLES
from migrations.roles import OPS_TABLES
from migrations.roles import Roles
from migrations.upgrade import config

FAMILIES = {"control": "control", "plane": "sandbox"}


def metadatas() -> dict[str, MetaData]:
    """The tables of each family, from all models of the application."""
    return {family: db.metadatas[family] for family in FAMILIES if MODELS}


class SecureTableOp(MigrateOperation):
    """Renders the call that grants a new table and, on the data planes, binds it to its tenant."""

    def __init__(self, table: str, is_plane: bool) -> None:
        self.table = table
        self.is_plane = is_plane


@renderers.dispatch_for(SecureTableOp)
def _render_secure(context: AutogenContext, operation: SecureTableOp) -> str:
    function = "secure" if operation.is_plane else "grant"
    context.imports.add(f"from migrations.roles import {function}")
    argument, powers = ("ops", OPS_TABLES) if operation.is_plane else ("app_may", CONTROL_TABLES)
    power = f', {argument}="{powers[operation.table]}"' if operation.table in powers else ""
    return f'{function}(op, "{operation.table}"{power})'


class PartitionOp(MigrateOperation):
    """Renders the call that gives a partitioned table its partitions."""

    def __init__(self, table: str) -> None:
        self.table = table


@renderers.dispatch_for(PartitionOp)
def _render_partition(context: AutogenContext, operation: PartitionOp) -> str:
    context.imports.add("from migrations.partitions import partition")
    return f'partition(op, "{operation.table}")'


def _render_item(kind: str, item: Any, context: AutogenContext) -> str | bool:
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"  # a migration outlives the application's own column types
    if kind == "type" and item is JsonColumn:
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _compare_type(_context: Any, _column: Any, _reflected: Any, stored: Any, declared: Any) -> bool | None:
    if isinstance(declared, Instant):
        return not isinstance(stored, BigInteger)
    return None


COMPARISON: dict[str, Any] = {"compare_type": _compare_type, "render_item": _render_item, "include_name": is_in_models}


def write(family: str, metadata: MetaData, message: str, versions: Path | None = None) -> Path | None:
    """Write the next migration of one family and return its path, or None when nothing differs.

    versions: folder of the family's migrations, the checkout's own unless given.
    """
    with TemporaryDirectory() as home:
        engine = owner_engine(Settings(home=Path(home)), FAMILIES[family])
        with engine.begin() as connection:
            options = {**COMPARISON, "process_revision_directives": partial(_finish, family == "plane")}
            cfg = config(family, versions, connection=connection, metadata=metadata, roles=Roles(), options=options)
            scripts = ScriptDirectory.from_config(cfg)
            head = scripts.get_current_head()
            if head:
                command.upgrade(cfg, "head")
            cfg.attributes["as_batch"] = head is not None
            number = f"{int(head or 0) + 1:04d}"
            script = command.revision(cfg, message=message, autogenerate=True, rev_id=number)
        engine.dispose()
    return _tidy(Path(script.path)) if script else None  # type: ignore[union-attr]


def _finish(is_plane: bool, _context: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    upgrade = directives[0].upgrade_ops
    if upgrade is None or upgrade.is_empty():
        directives[:] = []
        return
    made = [operation for operation in upgrade.ops if isinstance(operation, CreateTableOp)]
    upgrade.ops.extend(SecureTableOp(operation.table_name, is_plane) for operation in made)
    upgrade.ops.extend(PartitionOp(operation.table_name) for operation in made if "postgresql_partition_by" in operation.kw)


def _tidy(path: Path) -> Path:
    """Drop Alembic's marker comments and format the file as every other file here is."""
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if "Alembic" not in line) + "\n")
    for arguments in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, str(path)], check=False)  # noqa: S603 - fixed command
    return path


def main(message: str) -> int:
    """Write the missing migration of each family and say which files appeared."""
    for family, metadata in metadatas().items():
        Path(__file__).with_name(family).joinpath("versions").mkdir(parents=True, exist_ok=True)
        path = write(family, metadata, message)
        print(f"{family}: {path or 'nothing to do'}")  # noqa: T201 - a command line tool's answer
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "initial"))
