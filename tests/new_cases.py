"""Made-up new cases for the tests of adding, and running the command in a process of its own."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from kratom_evidence.curation.new_case import NewCase

CITATION = {
    "title": "Made-up report of tremor after kratom, written for a test",
    "authors": "Probe A; van der Tester BC",
    "year": "2026",
    "journal": "Journal of Made-up Cases",
    "doi": "10.9999/made-up.1",
}
CASE = {
    "source_access": "abstract",
    "country": "NO",
    "age_years": "97",
    "sex": "female",
    "co_exposures": "sertraline [prescribed, concurrent: 50 mg/day]; ethanol [reported, past]",
    "conditions": "none",
    "primary_event": "seizure",
    "findings_present": "tremor",
    "ss_assessment": "not_mentioned",
}
_PROGRAM = """
import sys
import kratom_evidence.cli as cli
from kratom_evidence.cli import add
cli.SUBCOMMANDS = (*(known for known in cli.SUBCOMMANDS if known is not add), add)
sys.exit(cli.main())
"""


def new_case(number: int = 1, **case: str) -> NewCase:
    """A case of a publication of its own for each number."""
    citation = CITATION | {
        "title": f"Made-up report {number * 7919} of tremor after kratom, written for a test",
        "doi": f"10.9999/made-up.{number}",
    }
    return NewCase(citation=citation, case=CASE | case)


def yaml_of(new: NewCase) -> str:
    """The answers as a case file, every text in double quotes."""
    lines = []
    for part in ("citation", "case"):
        lines += [f"{part}:", *(f'  {name}: "{text}"' for name, text in getattr(new, part).items())]
    return "\n".join(lines) + "\n"


def command(*arguments: str) -> list[str]:
    """The command line of `kratom-evidence` with the subcommand add."""
    return [sys.executable, "-c", _PROGRAM, *arguments]


def run_add(data: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    """Run `kratom-evidence add` to its end, offline."""
    line = command("add", "--data", str(data), "--offline", *arguments)
    return subprocess.run(line, input=typed, capture_output=True, text=True, check=False, timeout=300)


def lines_of(path: Path) -> Sequence[str]:
    """The lines of a file with their ends."""
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.readlines()
