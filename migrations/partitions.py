"""Tables cut by the day their rows expire. PostgreSQL drops whole days; SQLite, where this is an index, deletes rows.

Rows go in and out through the parent alone: partitions have no grants, and row security without a policy. The function
here is the only DDL a serving process can cause; docs/adr/0018 says why. Source: PostgreSQL manual, "Table Partitioning".
"""

import re
import time
from typing import Any

from alembic.operations import Operations
from sqlalchemy import Connection

from migrations.roles import quoted
from migrations.roles import roles_in

DAY_S = 24 * 3600
_PARTITION = re.compile(r"_(default|20\d{6})")
_EXPIRY_INDEX = re.compile(r"ix_\w+_expires_on")

# A partition is made beside its parent and then attached: that stops nobody who writes through the parent.
MAKE_PARTITION = """
CREATE OR REPLACE FUNCTION public.make_partition(parent text, day integer) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := parent || to_char('1970-01-01'::date + day, '_YYYYMMDD');
BEGIN
    EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', name, parent);
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)', parent, name, day, day + 1);
    RETURN name;
END
$$
"""
# One change a call, so that its locks last for that change alone. It waits for a lock as long as nobody notices, and counts
# the tables that were left for that. Nothing is moved: a day of which rows lie in the DEFAULT partition is counted as blocked.
KEEP_PARTITIONS = r"""
CREATE OR REPLACE FUNCTION public.keep_partitions(
    today integer, ahead integer, OUT done text, OUT busy integer, OUT blocked integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
AS $$
DECLARE
    step record;
    locked name[];
BEGIN
    busy := 0;
    blocked := 0;
    IF NOT pg_try_advisory_xact_lock(7233923) THEN  -- any number; nothing else takes it
        RETURN;
    END IF;
    FOR step IN
        WITH parent AS (
            SELECT oid, relname FROM pg_class
            WHERE relkind = 'p' AND NOT relispartition AND relnamespace = 'public'::regnamespace
        ), part AS (
            SELECT i.inhparent, p.relname AS parent, c.relname,
                substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \((\d+)\)')::integer AS first,
                substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \((\d+)\)')::integer AS beyond
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN parent p ON p.oid = i.inhparent
        )
        SELECT p.relname AS parent, d AS day, NULL AS expired FROM parent p CROSS JOIN generate_series(today, today + ahead) d
        WHERE NOT EXISTS (SELECT FROM part WHERE inhparent = p.oid AND d >= first AND d < beyond)
        UNION ALL
        SELECT parent, first, relname FROM part WHERE beyond <= today
        ORDER BY 3 NULLS FIRST, 2, 1
    LOOP
        CONTINUE WHEN step.parent = ANY (locked);
        BEGIN
            IF step.expired IS NULL THEN
                done := public.make_partition(step.parent, step.day);
            ELSE
                EXECUTE format('DROP TABLE public.%I', step.expired);
                done := step.expired;
            END IF;
            RETURN;
        EXCEPTION
            WHEN lock_not_available THEN
                busy := busy + 1;
                locked := locked || step.parent;
            WHEN check_violation THEN
                blocked := blocked + 1;
        END;
    END LOOP;
END
$$
"""
STEP = "SELECT done FROM public.keep_partitions(%s, %s)"


def partition(op: Operations, table: str) -> None:
    """Give a table that is partitioned by `expires_on` its DEFAULT partition and its days; on SQLite the index for deleting.

    Call after `secure`.
    """
    if not roles_in(op).app:
        op.create_index(f"ix_{table}_expires_on", table, ["expires_on"])
        return
    default, ops = quoted(op, f"{table}_default"), quoted(op, roles_in(op).ops)
    op.execute(f"CREATE TABLE {default} PARTITION OF {quoted(op, table)} DEFAULT")
    op.execute(f"ALTER TABLE {default} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for function in (MAKE_PARTITION, KEEP_PARTITIONS):
        op.execute(function)
    op.execute("REVOKE ALL ON FUNCTION public.make_partition(text, integer) FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION public.keep_partitions(integer, integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION public.keep_partitions(integer, integer) TO {ops}")
    days = "SELECT public.make_partition(%s, d) FROM generate_series(%s::integer, %s::integer) d"
    op.get_bind().exec_driver_sql(days, (table, _today(), _today() + roles_in(op).ahead))


def make_ahead(connection: Connection, days: int) -> None:
    """Make the days from today on, as the owner: before anything is written, so that nothing lands in DEFAULT."""
    while connection.exec_driver_sql(STEP, (_today(), days)).scalar() is not None:
        pass


def _today() -> int:
    return int(time.time()) // DAY_S


def is_in_models(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether a table or index of a database is one the models declare: not what `partition` makes."""
    made_here = {"table": _PARTITION.search, "index": _EXPIRY_INDEX.fullmatch}.get(kind)
    return made_here is None or name is None or not made_here(name)
