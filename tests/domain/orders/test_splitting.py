"""Splitting a bill: what payers owe always adds up to what is due."""

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.orders.splitting import Share
from domain.orders.splitting import split_due
from kit.errors import Invalid


def _line(line_id: str, net_minor: int, **changes: object) -> dict:
    return {
        "id": line_id, "net_minor": net_minor, "tax_rate": None, "guest_name": None, "state": "active", **changes,
    }  # fmt: skip


def _order(due_minor: int, *lines: dict, price_mode: str = "exclusive") -> dict:
    return {"due_minor": due_minor, "price_mode": price_mode, "lines": list(lines)}


def test_even_split_gives_the_odd_cent_to_the_first() -> None:
    assert [share.amount_minor for share in split_due(_order(1000), mode="even", parts=3)] == [334, 333, 333]


def test_split_by_line_counts_each_lines_own_tax() -> None:
    # 10.00 at 23 % and 10.00 untaxed: 12.30 and 10.00 of 22.30.
    order = _order(2230, _line("a", 1000, tax_rate="0.23"), _line("b", 1000))
    assert split_due(order, mode="by_line", groups=[["b"], ["a"]]) == [
        Share("Share 1", 1000, ("b",)), Share("Share 2", 1230, ("a",)),
    ]  # fmt: skip


def test_split_by_line_of_inclusive_prices_counts_prices_as_they_are() -> None:
    order = _order(2000, _line("a", 1000, tax_rate="0.23"), _line("b", 1000), price_mode="inclusive")
    assert [share.amount_minor for share in split_due(order, mode="by_line", groups=[["a"], ["b"]])] == [1000, 1000]


def test_split_by_guest_shares_what_belongs_to_nobody() -> None:
    order = _order(4000, _line("a", 1000, guest_name="Eve"), _line("b", 2000, guest_name="Jan"), _line("c", 1000))
    assert split_due(order, mode="by_guest") == [Share("Eve", 1500, ("a",)), Share("Jan", 2500, ("b",))]


def test_split_by_guest_without_guests_is_one_share() -> None:
    assert split_due(_order(500, _line("a", 500)), mode="by_guest") == [Share("All guests", 500)]


def test_voided_lines_are_nobodys() -> None:
    order = _order(1000, _line("a", 1000), _line("b", 0, state="voided"))
    assert split_due(order, mode="by_line", groups=[["a"]]) == [Share("Share 1", 1000, ("a",))]
    with pytest.raises(Invalid):
        split_due(order, mode="by_line", groups=[["a"], ["b"]])


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"mode": "even"}, "parts"), ({"mode": "even", "parts": 1}, "parts"), ({"mode": "even", "parts": 21}, "parts"),
        ({"mode": "by_line"}, "groups"), ({"mode": "by_line", "groups": [["a"]]}, "groups"),
        ({"mode": "by_line", "groups": [["a", "b"], ["a"]]}, "groups[1][0]"),
        ({"mode": "by_line", "groups": [["a", "x"], ["b"]]}, "groups[0][1]"), ({"mode": "by_mood"}, "mode"),
    ],
    ids=["no parts", "one part", "too many", "no groups", "line left over", "line twice", "unknown line", "mode"],
)  # fmt: skip
def test_split_is_refused_for(wanted: dict, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        split_due(_order(100, _line("a", 50), _line("b", 50)), **wanted)
    assert [error.field for error in refused.value.errors] == [field]


AMOUNT = st.integers(0, 10**9)
LINES = st.lists(
    st.tuples(AMOUNT, st.sampled_from([None, "0.08", "0.23", "0.08875"]), st.sampled_from([None, "Eve", "Jan", "Ola"])),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    due=AMOUNT, lines=LINES, parts=st.integers(2, 20), mode=st.sampled_from(["even", "by_line", "by_guest"]),
    cuts=st.integers(1, 12), price_mode=st.sampled_from(["exclusive", "inclusive"]),
)  # fmt: skip
def test_shares_sum_to_what_is_due(due: int, lines: list, parts: int, mode: str, cuts: int, price_mode: str) -> None:
    rows = [
        _line(f"l{n}", net, tax_rate=rate, guest_name=guest) for n, (net, rate, guest) in enumerate(lines)
    ]  # fmt: skip
    ids = [row["id"] for row in rows]
    groups = [ids[start::cuts] for start in range(min(cuts, len(ids)))]
    shares = split_due(_order(due, *rows, price_mode=price_mode), mode=mode, parts=parts, groups=groups)
    assert sum(share.amount_minor for share in shares) == due
    assert all(share.amount_minor >= 0 for share in shares)
    if mode == "even":
        assert max(share.amount_minor for share in shares) - min(share.amount_minor for share in shares) <= 1
