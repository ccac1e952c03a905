"""Which calls a fault matches, and that strikes are counted exactly."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kit.clock import now_us
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import faults

BROKEN = {"status": 503}
HOUR_US = 3_600_000_000


def added(scope: Scope, **match: Any) -> dict[str, Any]:
    with unit_of_work(scope):
        return faults.add_fault(scope, effect=BROKEN, **{"expires_at_us": now_us() + HOUR_US, **match})


def struck(scope: Scope, path: str = "/v1/orders", method: str = "POST", product: str = "core") -> bool:
    with unit_of_work(scope):
        return faults.strike(scope, product=product, method=method, path=path) is not None


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        (None, "/v1/anything", True),
        ("/v1/orders", "/v1/orders", True),
        ("/v1/orders", "/v1/orders/ord_1", False),
        ("/v1/orders/{id}", "/v1/orders/ord_1", True),
        ("/v1/orders/{id}", "/v1/orders/ord_1/history", False),
        ("/v1/orders/{id}/history", "/v1/orders/ord_1/history", True),
        ("/v1/orders*", "/v1/orders/ord_1/history", True),
        ("/v1/orders*", "/v1/menus", False),
        ("/v1/o.ders", "/v1/orders", False),
    ],
)
def test_fault_matches_paths(scope: Scope, pattern: str | None, path: str, matches: bool) -> None:
    added(scope, path=pattern)
    assert struck(scope, path) is matches


def test_fault_matches_method_and_product(scope: Scope) -> None:
    added(scope, method="POST", product="core")
    assert struck(scope, method="POST")
    assert not struck(scope, method="GET")
    assert not struck(scope, product="pos")


@pytest.mark.parametrize("path", ["v1/orders", "/v1/*/history", "/v1/{a}{b}", "/v1/(a+)+", ""])
def test_fault_refuses_other_patterns(scope: Scope, path: str) -> None:
    with pytest.raises(Invalid) as refusal:
        added(scope, path=path)
    assert refusal.value.errors[0].field == "match.path"


def test_fault_strikes_its_share_evenly_and_repeatably(scope: Scope) -> None:
    added(scope, permille=250)
    assert [struck(scope) for _ in range(9)] == [False, False, False, True, False, False, False, True, False]


def test_fault_when_struck_often_enough_gives_way_to_the_next(scope: Scope) -> None:
    first, second = added(scope, times=2), added(scope, times=1)
    assert [struck(scope) for _ in range(4)] == [True, True, True, False]
    with unit_of_work(scope, writes=False):
        shown = {fault["id"]: (fault["matched"], fault["struck"]) for fault in faults.list_faults(scope)}
    assert shown == {first["id"]: (2, 2), second["id"]: (1, 1)}


def test_fault_when_expired_strikes_no_more(scope: Scope) -> None:
    added(scope, expires_at_us=now_us() - 1)
    assert not struck(scope)


def test_fault_under_concurrency_strikes_exactly_as_often_as_told(scope: Scope) -> None:
    added(scope, times=7)
    with ThreadPoolExecutor(8) as threads:
        seen = Counter(threads.map(lambda _: struck(scope), range(40)))
    assert seen == {True: 7, False: 33}


def test_faults_are_removed_one_by_one_and_at_once(scope: Scope) -> None:
    one, _ = added(scope), added(scope)
    with unit_of_work(scope):
        faults.remove_fault(scope, fault_id=one["id"])
        assert len(faults.list_faults(scope)) == 1
        with pytest.raises(NotFound):
            faults.remove_fault(scope, fault_id=one["id"])
        faults.remove_faults(scope)
        assert faults.list_faults(scope) == []


def test_faults_end_at_twenty(scope: Scope) -> None:
    for _ in range(20):
        added(scope)
    with pytest.raises(Invalid):
        added(scope)
