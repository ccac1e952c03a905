"""Which test holds which invariant of the restaurant: nobody can drop one unnoticed.

Properties try 200 examples or more on every run. What is checked at every single endpoint or table is no property: it is
complete, and named as such.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.internal.detection import is_hypothesis_test

PRICES = "domain.orders.test_pricing.test_price_agrees_with_exact_fractions"
LEDGER = "domain.payments.test_refunding.test_amounts_of_an_order_follow_from_its_payments"
TABLES = "domain.bookings.test_invariants.test_floor_under_random_use_holds_exactly_the_slots_of_blocking_reservations"
PROPERTIES = {
    "1 line_gross": (
        PRICES, "domain.orders.test_lines.test_line_costs_its_variation_or_else_its_base_and_its_extras",
    ),
    "2 subtotal": (PRICES,),
    "3 discounts": (PRICES, "domain.orders.test_pricing.test_apportion_sums_to_the_whole_and_strays_by_less_than_one"),
    "4 tax": (PRICES,),
    "5 total": (PRICES,),
    "6 due": (LEDGER,),
    "7 payments within the bill": (
        LEDGER, "domain.bookings.test_invariants.test_deposit_lowers_the_bills_of_its_table_by_what_was_paid_and_no_more",
    ),
    "8 one currency": ("domain.orders.test_invariants.test_order_and_its_money_are_in_the_currency_of_the_location",),
    "9 no double booking": (TABLES, "domain.bookings.test_invariants.test_slots_are_shared_by_stays_that_overlap"),
    "10 seats and combined tables": (
        "domain.bookings.test_invariants.test_chosen_tables_are_free_declared_and_large_enough",
        "domain.bookings.test_invariants.test_named_tables_are_taken_when_they_hang_together_and_seat_the_party",
    ),
    "11 modifier rules": ("domain.orders.test_lines.test_choices_are_taken_when_they_obey_every_group_at_every_depth",),
    "12 stock": ("domain.orders.test_invariants.test_stock_is_what_open_and_served_orders_left_of_it",),
    "13 history": ("domain.orders.test_invariants.test_history_only_grows_in_time_and_ends_with_the_status", TABLES),
    "14 points": (
        "domain.loyalty.test_ledger.test_balance_is_the_sum_of_the_ledger_and_never_negative",
        "domain.loyalty.test_rules.test_refunds_in_parts_take_back_what_one_refund_would",
    ),
    "15 consent": ("domain.campaigns.test_sending.test_nobody_is_written_to_without_consent_at_that_moment",),
    "16 merge": ("domain.guestbook.test_merging.test_nothing_is_lost_whatever_is_merged",),
    "17 events": (
        "domain.orders.test_invariants.test_events_are_numbered_without_gaps_and_only_for_what_was_committed",
    ),
    "19 snapshots": ("domain.orders.test_invariants.test_order_stays_as_it_was_when_the_menu_changes",),
    "20 business date": (
        "domain.orders.test_invariants.test_business_date_is_the_local_date_counted_from_the_cutover",
    ),
}  # fmt: skip
COMPLETE = {
    "8 one currency": ("domain.analytics.test_reports.test_currencies_are_never_mixed",),
    "18 isolation": (
        "api.test_matrix.test_endpoint_with_another_tenants_id_answers_as_for_one_that_does_not_exist",
        "isolation.test_registry.test_statement_gives_nothing_foreign_when_it_is_handed_foreign_ids",
    ),
}
NAMES = [name for table in (PROPERTIES, COMPLETE) for names in table.values() for name in names]


def find(name: str) -> Callable[..., Any]:
    module, _, test = f"tests.{name}".rpartition(".")
    found: Callable[..., Any] = getattr(import_module(module), test)
    return found


def test_each_of_the_twenty_has_a_test() -> None:
    numbers = {int(name.split()[0]) for name in (*PROPERTIES, *COMPLETE)}
    assert numbers == set(range(1, 21))


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_named_test_exists(name: str) -> None:
    assert callable(find(name))


@pytest.mark.parametrize("name", sorted({name for names in PROPERTIES.values() for name in names}))
def test_property_tries_enough(name: str) -> None:
    test: Any = find(name)
    assert is_hypothesis_test(test)
    tried = getattr(test, "_hypothesis_internal_use_settings", None) or settings()
    assert tried.max_examples >= 200
