"""The figures of the fuzz suite, printed at the end of a run."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Seed, mutants tried, refused and accepted, for each file."""
    rows = [
        str(value).split("\t")
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "fuzz"
    ]
    if not rows:
        return
    terminalreporter.section("mutants")
    totals = [sum(int(row[position]) for row in rows) for position in (2, 3, 4)]
    for file, seed, *counts in (*rows, ["all files", rows[0][1], *map(str, totals)]):
        tried, refused, accepted = (f"{int(count):,}" for count in counts)
        terminalreporter.line(f"{file}: seed {seed}, {tried} tried, {refused} refused, {accepted} accepted")
