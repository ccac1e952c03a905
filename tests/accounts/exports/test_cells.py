"""How values are printed in export files."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from accounts.exports.cells import FORMULA_STARTS
from accounts.exports.cells import Column
from accounts.exports.cells import amount_of
from accounts.exports.cells import cell_of
from accounts.exports.cells import columns
from accounts.exports.cells import value_of
from accounts.exports.writing import csv_line

NAME = Column("name", "name")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(4590, "EUR", "45.90"), (5, "PLN", "0.05"), (-1250, "EUR", "-12.50"), (333, "JPY", "333"), (11500, "KWD", "11.500"),
     (9_223_372_036_854_775_807, "EUR", "92233720368547758.07")],
)  # fmt: skip
def test_amount_carries_all_digits_of_its_currency(minor: int, currency: str, text: str) -> None:
    assert amount_of(minor, currency) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_looks_like_a_formula_is_disarmed_in_csv_only(start: str) -> None:
    document = {"name": f"{start}1+1"}
    assert cell_of(NAME, document, is_masked=False) == f"'{start}1+1"
    assert value_of(NAME, document, is_masked=False) == f"{start}1+1"


def test_negative_amount_stays_a_number() -> None:
    assert cell_of(Column("amount", "amount_minor", "money"), {"amount_minor": -5, "currency": "EUR"}, is_masked=True) == "-0.05"


def test_contacts_are_masked_when_the_maker_could_not_see_them() -> None:
    phones, emails = columns("phones", "emails", phones="phones", emails="emails")
    guest = {"phones": [{"value": "+37060012345"}], "emails": [{"value": "jane@example.com"}]}
    assert value_of(phones, guest, is_masked=True) == ["+3706•••345"]
    assert cell_of(emails, guest, is_masked=True) == "j•••@example.com"
    assert cell_of(phones, guest, is_masked=False) == "'+37060012345"
    assert value_of(emails, guest, is_masked=False) == ["jane@example.com"]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t\r"), max_size=60))
def test_any_text_comes_back_from_a_csv_file_and_is_no_formula(text: str) -> None:
    cell = cell_of(NAME, {"name": text}, is_masked=False)
    assert not cell.startswith(FORMULA_STARTS)
    assert cell in (text, "'" + text)
    assert next(csv.reader(io.StringIO(csv_line([cell, "end"]), newline=""))) == [cell, "end"]
