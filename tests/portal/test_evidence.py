"""The evidence table of a production request."""

from portal.evidence import Line
from portal.evidence import lines


def test_lines_say_so_when_a_request_carries_no_evidence() -> None:
    assert lines({"calls": 3}) == [Line("Evidence", "none was recorded with this request", "idle")]
