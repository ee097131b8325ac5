"""Counts the faults that the tests provoke, and prints their number at the end.

A test takes the ``fault`` fixture and calls ``fault("what went wrong")``, or
``fault("what went wrong", 200)``, once the fault has been provoked and survived.
"""

from collections import Counter

import pytest


@pytest.fixture
def fault(record_property):
    """Counts a fault: ``fault(name, times=1)``."""

    def count(name: str, times: int = 1) -> None:
        record_property("fault", (name, times))

    return count


def pytest_terminal_summary(terminalreporter):
    tried = Counter()
    for report in terminalreporter.getreports("passed"):
        for kind, value in report.user_properties:
            if kind == "fault":
                tried[value[0]] += value[1]
    if tried:
        terminalreporter.section("faults provoked and survived")
        for name, times in tried.items():
            terminalreporter.line(f"{times:6,}  {name}")
        terminalreporter.line(f"{tried.total():6,}  in all")
