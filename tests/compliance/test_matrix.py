"""Every row of a standard is answered, once, and every mark names a row."""

from tests.compliance.matrix import bound
from tests.compliance.matrix import rows


def test_no_row_is_open() -> None:
    assert [row.name for row in rows() if row.state == "open"] == []


def test_row_that_does_not_apply_is_bound_to_no_test() -> None:
    assert [row.name for row in rows() if row.reason and row.tests] == []


def test_rows_have_names_of_their_own_and_marks_name_them() -> None:
    names = [row.name for row in rows()]
    assert sorted(set(names)) == sorted(names)
    assert sorted(set(bound()) - set(names)) == []
