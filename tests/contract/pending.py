"""The vectors whose products do not exist yet, by name, and the line of the test report that says so."""

import pytest

PENDING = (
    "TS-01", "TS-02", "TS-03", "TS-06", "TS-08", "TS-10", "TS-13", "TS-14", "TS-15", "TS-16", "TS-18", "TS-19",
    "TS-20", "TS-21", "TS-24", "TS-25", "OT-01", "OT-02", "OT-04", "OT-05", "OT-06", "OT-08", "OT-09", "OT-12",
    "OT-14", "OT-15", "OT-16", "OT-18", "TT-01", "TT-02", "TT-03", "TT-04", "TT-05", "TT-07", "TT-08", "TT-09",
    "TT-10", "TT-12", "TT-13", "TT-15", "TT-17", "TT-19", "TT-21", "TT-24", "TT-25", "TT-26", "TT-27", "TT-28",
    "TT-30", "TT-31", "TT-32", "TT-33", "TT-35", "TC-01", "TC-02", "TC-03", "TC-04", "TC-06", "TC-10", "TC-14",
    "TC-15", "TC-16", "TC-19", "TC-21", "TC-22", "TC-24", "TC-25", "TC-27", "TC-28", "TC-29", "TC-30",
    "X-01",
)  # fmt: skip


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line instead of a skip each."""
    terminalreporter.write_line(f"PENDING: {len(PENDING)} contract vectors wait for their product: {' '.join(PENDING)}")
