"""What PostgreSQL itself refuses: the last fence, tried with plain connections from outside the application."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url

from kit.scope import Scope
from kit.settings import Settings
from migrations.generate import metadatas

pytestmark = pytest.mark.postgresql
Connect = Callable[[str], psycopg.Connection]
OPS_TABLES = {
    "credential_counts",
    "deliveries", "delivery_attempts", "endpoint_health", "events", "idempotency_records", "request_counts", "request_logs",
    "subscriptions", "tenant_state", "timers",
}  # fmt: skip


def tenants(connection: psycopg.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT tenant_id FROM tenant_state")}


@pytest.mark.parametrize("role", ["app", "owner"])
def test_no_row_is_visible_when_no_tenant_is_set(connect: Connect, scope: Scope, role: str) -> None:
    assert tenants(connect(role)) == set()


def test_only_own_rows_are_visible_when_a_tenant_is_set(connect: Connect, new_scope: Callable[[], Scope]) -> None:
    own, _other = new_scope(), new_scope()
    connection = connect("app")
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (own.tenant_id,))
    assert tenants(connection) == {own.tenant_id}


def test_nothing_stays_set_when_the_transaction_ends(connect: Connect, scope: Scope) -> None:
    connection = connect("app")
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (scope.tenant_id,))
    connection.commit()
    assert tenants(connection) == set()


def test_a_row_of_another_tenant_is_refused_when_written(connect: Connect, scope: Scope) -> None:
    connection = connect("app")
    connection.execute("SELECT set_config('app.tenant_id', 'tnt_somebody_else', true)")
    columns = "tenant_id, event_sequence, clock_offset_us, profile, seed, created_at"
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute(f"INSERT INTO tenant_state ({columns}) VALUES ('tnt_x', 0, 0, 'empty', 0, 0)")


def test_operations_see_every_tenant_when_reading_delivery_tables(connect: Connect, new_scope: Callable[[], Scope]) -> None:
    pair = {new_scope().tenant_id, new_scope().tenant_id}
    assert tenants(connect("ops")) >= pair


@pytest.mark.parametrize("table", sorted(set(metadatas()["plane"].tables) - OPS_TABLES))
def test_operations_are_refused_when_reading_restaurant_data(connect: Connect, table: str) -> None:
    with pytest.raises(InsufficientPrivilege, match="permission denied"):
        connect("ops").execute(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("ops", "UPDATE tenant_state SET seed = 1"),
        ("ops", "TRUNCATE events"),
        ("app", "TRUNCATE events"),
        ("app", "DROP TABLE events"),
        ("app", "ALTER TABLE events NO FORCE ROW LEVEL SECURITY"),
        ("app", "CREATE TABLE loot (id int)"),
        ("app", "UPDATE alembic_version SET version_num = '0'"),
        ("app", "SET ROLE sandbox_ops"),
        ("app", "SELECT 1 FROM request_logs_default"),
        ("ops", "SELECT 1 FROM request_logs_default"),
        ("ops", "DROP TABLE request_logs_default"),
        ("app", "SELECT keep_partitions(0, 0)"),
        ("ops", "SELECT make_partition('request_logs', 0)"),
    ],
    ids=lambda value: value.split(" SET")[0],
)
def test_a_role_is_refused_when_it_leaves_its_powers(connect: Connect, role: str, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        connect(role).execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET target = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"],
    ids=lambda value: value.split()[0],
)  # fmt: skip
def test_audit_log_is_only_added_to(app: Flask, settings: Settings, statement: str) -> None:
    url = make_url(settings.plane_url("control", "app"))
    with psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database) as connection:
        connection.execute("SELECT 1 FROM audit_entries")
        with pytest.raises(InsufficientPrivilege, match="permission denied"):
            connection.execute(statement)


def test_every_table_forces_row_security_and_has_its_policies(connect: Connect) -> None:
    rows = connect("owner").execute(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, array_agg(p.polname::text ORDER BY p.polname)"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'"
        " AND NOT c.relispartition"
        " GROUP BY 1, 2"
    )
    expected = {(table, True, ("operations", "tenant")) for table in OPS_TABLES}
    expected |= {(table, True, ("tenant",)) for table in set(metadatas()["plane"].tables) - OPS_TABLES}
    assert {(name, forced, tuple(policies)) for name, forced, policies in rows} == expected


def test_no_partition_opens_to_anybody(connect: Connect) -> None:
    rows = connect("owner").execute(
        "SELECT c.relowner::regrole::text, c.relrowsecurity AND c.relforcerowsecurity, c.relacl, count(p.oid), count(*) >= 24"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relispartition AND c.relkind = 'r' GROUP BY 1, 2, 3"
    )
    assert rows.fetchall() == [("sandbox_owner", True, None, 0, True)]


def test_only_own_rows_are_visible_when_a_table_is_partitioned(connect: Connect, new_scope: Callable[[], Scope]) -> None:
    own, other = new_scope().tenant_id, new_scope().tenant_id
    columns = (
        "tenant_id, id, application_id, credential_id, product, method, path, query, route, status, duration_us, at, ip,"
        " request_headers, request_body, response_headers, response_body, expires_on"
    )
    row = "'req_1', '', '', '', '', '', '', '', 200, 1, 1, '', '{}', '', '{}', '', extract(epoch FROM now()) / 86400 + 7"
    connection = connect("app")
    for tenant in (own, other):
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", (tenant,))
        connection.execute(f"INSERT INTO request_logs ({columns}) VALUES (%s, {row})", (tenant,))
    with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.transaction():
        connection.execute(f"INSERT INTO request_logs ({columns}) VALUES (%s, {row})", (own,))
    assert connection.execute("SELECT tenant_id, id FROM request_logs").fetchall() == [(other, "req_1")]
    assert connection.execute("UPDATE request_logs SET path = 'x' WHERE tenant_id = %s", (own,)).rowcount == 0
