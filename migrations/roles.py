"""What each database role may do on PostgreSQL: grants and row-level security. On SQLite every call is a no-op.

Called from migration scripts, once per table. Role names come from the settings' URLs, so a script never spells one.
Source: PostgreSQL manual, "Row Security Policies"; the decision is docs/adr/0003.
"""

from dataclasses import dataclass

from alembic.operations import Operations
from sqlalchemy import make_url

from kit.settings import Settings

TENANT = "tenant_id = nullif(current_setting('app.tenant_id', true), '')"
OPS_TABLES = {
    "events": "write",
    "deliveries": "write",
    "delivery_attempts": "write",
    "subscriptions": "write",
    "endpoint_health": "write",
    "request_logs": "write",
    "request_counts": "write",
    "credential_counts": "write",
    "idempotency_records": "write",
    "tenant_state": "read",
    "timers": "read",
}
CONTROL_TABLES = {"audit_entries": "append"}  # every other one is written freely
POWERS = {"write": "SELECT, INSERT, UPDATE, DELETE", "append": "SELECT, INSERT", "read": "SELECT"}


class MigrationError(Exception):
    """A plane cannot be brought to, or is not at, the current schema. The message is one line for the operator."""


AHEAD = {"sandbox": 10, "production": 93}  # days of partitions a plane begins with; the workers make the rest


@dataclass(frozen=True)
class Roles:
    """Database roles of one plane. Empty names (SQLite, or one role for everything on control) need no grants."""

    app: str = ""
    ops: str = ""
    ahead: int = 0  # days of partitions


def roles_of(settings: Settings, plane: str) -> Roles:
    """Derive the role names of one plane from its URLs.

    Raises MigrationError when a data plane's three roles are not three: the policies would then let one role do all.
    """
    urls = {role: make_url(settings.plane_url(plane, role)) for role in ("owner", "app", "ops")}
    if urls["owner"].get_backend_name() != "postgresql":
        return Roles()
    names = {role: url.username or "" for role, url in urls.items()}
    if plane == "control":
        return Roles(app="" if names["app"] == names["owner"] else names["app"])
    if len({*names.values()} - {""}) != len(names):
        raise MigrationError(
            f"{plane} plane: TABLEPORT_{plane.upper()}_URL, _OWNER_URL and _OPS_URL must name three different roles"
        )
    return Roles(app=names["app"], ops=names["ops"], ahead=AHEAD[plane])


def grant(op: Operations, table: str, app_may: str = "write") -> None:
    """Let the serving role read and write a table that belongs to no tenant, or only add to it: app_may `append`."""
    if app := roles_in(op).app:
        op.execute(f"GRANT {POWERS[app_may]} ON {quoted(op, table)} TO {quoted(op, app)}")


def secure(op: Operations, table: str, ops: str = "") -> None:
    """Bind a tenant table to the session's tenant, for its owner too, and grant it.

    ops: `read` or `write` opens the table across tenants to the `ops` role; empty keeps that role out.
    """
    roles = roles_in(op)
    if not roles.app:
        return
    name, app = quoted(op, table), quoted(op, roles.app)
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {name} TO {app} USING ({TENANT}) WITH CHECK ({TENANT})")
    op.execute(f"GRANT {POWERS['write']} ON {name} TO {app}")
    if ops:
        ops_role = quoted(op, roles.ops)
        op.execute(f"CREATE POLICY operations ON {name} TO {ops_role} USING (true) WITH CHECK (true)")
        op.execute(f"GRANT {POWERS[ops]} ON {name} TO {ops_role}")


def roles_in(op: Operations) -> Roles:
    """The roles a migration is run for."""
    roles: Roles = op.get_context().opts["roles"]
    return roles


def quoted(op: Operations, name: str) -> str:
    """A name as the database's SQL spells it."""
    return op.get_bind().dialect.identifier_preparer.quote(name)
