"""One transaction per piece of work: returning commits, raising rolls back, nothing else does either."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from domain.menus.models import Tax
from kit.planes import Environment
from kit.planes import planes
from kit.scope import Scope
from kit.unit import control_unit
from kit.unit import cross_tenant_unit
from kit.unit import current
from kit.unit import session
from kit.unit import side_transaction
from kit.unit import tenant_now
from kit.unit import unit_of_work


def add_tax(scope: Scope, name: str) -> None:
    session(scope).add(Tax(name=name, rate="0.08"))


def lose_tax(scope: Scope) -> None:
    """Write a row and fail."""
    add_tax(scope, "lost")
    session(scope).flush()
    raise KeyError


def plan_to_fail(scope: Scope, ran: list[str]) -> None:
    """Leave work for the commit that will fail, and work for after it that must not run."""
    current(scope).before_commit.append(lambda: lose_tax(scope))
    current(scope).after_commit.append(lambda: ran.append("never"))


def claim_and_fail(scope: Scope) -> None:
    with side_transaction(scope):
        add_tax(scope, "kept")
    raise KeyError


def taxes(scope: Scope) -> list[str]:
    with unit_of_work(scope, writes=False):
        return sorted(session(scope).execute(select(Tax.name)).scalars())


def in_use() -> int:
    return planes.engine("sandbox").pool.checkedout()


def test_returning_commits(scope: Scope) -> None:
    with unit_of_work(scope):
        add_tax(scope, "kept")
    assert taxes(scope) == ["kept"]


def test_raising_rolls_back_and_gives_the_connection_back(scope: Scope) -> None:
    with pytest.raises(KeyError), unit_of_work(scope):
        lose_tax(scope)
    assert (taxes(scope), in_use()) == ([], 0)


def test_work_before_commit_is_part_of_the_transaction(scope: Scope) -> None:
    with unit_of_work(scope) as unit:
        unit.before_commit.append(lambda: add_tax(scope, "kept"))
    assert taxes(scope) == ["kept"]


def test_failure_before_commit_rolls_everything_back(scope: Scope) -> None:
    ran: list[str] = []
    with pytest.raises(KeyError), unit_of_work(scope):
        plan_to_fail(scope, ran)
    assert (taxes(scope), ran, in_use()) == ([], [], 0)


def test_failure_after_commit_is_swallowed_and_logged(scope: Scope, caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []
    with caplog.at_level(logging.WARNING), unit_of_work(scope) as unit:
        add_tax(scope, "kept")
        unit.after_commit.append({}.popitem)
        unit.after_commit.append(lambda: ran.append(str(taxes(scope))))
    assert ran == ["['kept']"]
    assert [record.message for record in caplog.records if record.name == "kit.unit"] == ["after-commit step failed"]


def test_nothing_is_opened_when_nothing_is_asked(scope: Scope) -> None:
    planes.dispose()  # what this thread keeps from the work before
    with unit_of_work(scope) as unit:
        assert in_use() == 0
        _ = unit.session
        assert in_use() == 1
    assert in_use() == 0


def test_second_unit_on_the_same_family_is_refused(new_scope: Callable[..., Scope]) -> None:
    first, second = new_scope(), new_scope(Environment.PRODUCTION)
    with unit_of_work(first):
        for other in (unit_of_work(first), unit_of_work(second), cross_tenant_unit(Environment.SANDBOX, reason="test")):
            with pytest.raises(RuntimeError, match="already open"), other:
                pass
        assert current(first).scope == first


def test_control_and_plane_units_stand_side_by_side(scope: Scope) -> None:
    with unit_of_work(scope), control_unit():
        add_tax(scope, "kept")
        with pytest.raises(RuntimeError, match="control family is already open"), control_unit():
            pass
    assert taxes(scope) == ["kept"]


def test_side_transaction_survives_the_rollback_around_it(scope: Scope) -> None:
    with pytest.raises(KeyError), unit_of_work(scope, writes=False):
        claim_and_fail(scope)
    assert taxes(scope) == ["kept"]


def test_side_transaction_is_refused_inside_an_open_write_unit(scope: Scope) -> None:
    with unit_of_work(scope), pytest.raises(RuntimeError, match="may not start inside"), side_transaction(scope):
        pass
    with control_unit(), pytest.raises(RuntimeError, match="may not start inside"), side_transaction(None):
        pass


def test_services_are_refused_outside_a_unit(app: Flask, scope: Scope) -> None:
    for ask in (session, current, tenant_now):
        with pytest.raises(RuntimeError, match="no unit of work is open"):
            ask(scope)


def test_a_savepoint_keeps_what_came_before_it(scope: Scope) -> None:
    with unit_of_work(scope):
        add_tax(scope, "kept")
        with pytest.raises(KeyError), session(scope).begin_nested():
            lose_tax(scope)
        with session(scope).begin_nested():
            add_tax(scope, "kept too")
    assert taxes(scope) == ["kept", "kept too"]
