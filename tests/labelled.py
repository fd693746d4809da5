"""The cases whose authors diagnose or suspect serotonin syndrome, read from the table without the code under test."""

import csv

from tests.conftest import PROJECT_ROOT


def labelled_cases() -> list[str]:
    """Their identifiers, in the order of the table."""
    with (PROJECT_ROOT / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as stream:
        return [row["case_id"] for row in csv.DictReader(stream) if row["ss_assessment"] in {"diagnosed", "suspected"}]
