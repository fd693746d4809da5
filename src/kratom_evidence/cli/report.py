"""`kratom-evidence report`: make the reports that are not there yet, and the pages over all of them.

JSON form, one object:

    out, index  the folder of the pages, and the index page
    counts      {"made", "unchanged", "failed", "removed"}: how many reports
    pages       list of {"page", "state", "failure"}: each report that was asked for, by its place below the folder,
                and each that was removed because its subject is gone; failure is null but for state "failed"
    site        the same for the pages and files over all reports
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.faults import UsageError
from kratom_evidence.project import find_project
from kratom_evidence.reports.cluster_address import checked_address
from kratom_evidence.reports.engines import ENGINES, WARM

if TYPE_CHECKING:
    from kratom_evidence.reports.request import ReportRequest

_DESCRIPTION = """\
Render one page a statement (claims/C01.html …), a case (cases/brooks2023.html …), a substance taken besides kratom
(substances/venlafaxine.html …) and a drug class (classes/ssri.html …), and what goes over all of them: index.html,
which lists all statements with their verdicts and links to the pages that exist; claims/index.html, the ledger of all
statements to filter and to sort; browse.html, all cases to search; screening.html, how the publications were found; and
for programs verdicts.json, described by verdicts.schema.json, and manifest.json, which tells from what each page was
made.

A page that lies there and was made from what is there now (its notebook, its parameters, the data that it reads, the
programs and libraries) is not made again. A run that was interrupted goes on where it stopped. The page of a case that
is gone from the data is removed.
"""
_EPILOG = """\
examples:
  kratom-evidence report
  kratom-evidence report --force
  kratom-evidence report claims
  kratom-evidence report --claim C13 --claim C14
  kratom-evidence report --case brooks2023
  kratom-evidence report substances --substance venlafaxine
  kratom-evidence report --claim C13 -p ss_definition=hunter_strict
  kratom-evidence report --scheduler tcp://127.0.0.1:8786
"""
_DEFAULT_KIND = "all"
# Kind -> its option, as in `reports.kinds`, which takes too long to import for --help.
_SELECTING = {
    "claims": ("--claim", "ID", "claim"),
    "cases": ("--case", "ID", "case"),
    "substances": ("--substance", "NAME", "substance"),
    "classes": ("--drug-class", "NAME", "drug class"),
}


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "report",
        help="render the reports that are not up to date and say where index.html is",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "kind",
        nargs="?",
        metavar="KIND",
        help="claims, cases, substances, classes or all (default: the kind of what is selected below, or all)",
    )
    for kind, (option, metavar, noun) in _SELECTING.items():
        parser.add_argument(
            option, action="append", default=[], dest=kind, metavar=metavar, help=f"only this {noun}; may be repeated"
        )
    parser.add_argument(
        "-p",
        dest="assignments",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the notebook; may be repeated. The page's file name tells it",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of the pages (default: reports/ of the project)"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="reports rendered at once (default: one a processor)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="render on the workers of this Dask scheduler, such as tcp://127.0.0.1:8786, instead of here. Whoever "
        "reaches a scheduler can run programs on it and its workers: use it in trusted networks only",
    )
    parser.add_argument(
        "--engine",
        choices=tuple(ENGINES),
        default=WARM,
        help=f"what runs a report: {'; '.join(f'{name}: {told}' for name, told in ENGINES.items())} (default: {WARM})",
    )
    parser.add_argument("--force", action="store_true", help="make every page again, also where nothing has changed")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="summary for people or for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make what was asked for and is not there yet; 1 when a report failed."""
    # Imported here: other commands do not need it.
    from kratom_evidence.reports.site import make_site
    from kratom_evidence.reports.summary import PageState, summary_document, summary_text

    result = make_site(find_project(), _request(options))
    if result.note is not None:
        print(f"kratom-evidence: {result.note}", file=sys.stderr)
    for outcome in result.of(PageState.FAILED):
        print(f"failed: {result.out / outcome.page}\n  {_indented(str(outcome.failure))}", file=sys.stderr)
    if options.format == "json":
        print(json.dumps(summary_document(result), ensure_ascii=False, indent=2))
    else:
        print(summary_text(result))
    return 1 if result.of(PageState.FAILED) else 0


def _request(options: argparse.Namespace) -> "ReportRequest":
    from kratom_evidence.reports.request import ReportRequest

    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs {options.jobs}: give a number of reports, 1 or more.")
    if options.scheduler is not None and options.jobs is not None:
        raise UsageError("--jobs is for this machine; with --scheduler, each worker's --nthreads says the same for it.")
    subjects = {kind: tuple(getattr(options, kind)) for kind in _SELECTING if getattr(options, kind)}
    kind = options.kind or _only(subjects)
    for other in subjects:
        if other != kind:
            option = _SELECTING[other][0]
            raise UsageError(f"{option} selects among {other}. Write: kratom-evidence report {other} {option} …")
    return ReportRequest(
        kind=kind,
        subjects=subjects,
        assignments=options.assignments,
        out=(options.out or find_project().reports).expanduser().resolve(),
        workers=options.jobs,
        force=options.force,
        engine=options.engine,
        scheduler=None if options.scheduler is None else checked_address(options.scheduler),
    )


def _only(subjects: Mapping[str, Sequence[str]]) -> str:
    """The kind of which subjects are selected; every kind when none is selected."""
    if len(subjects) > 1:
        options = " and ".join(_SELECTING[kind][0] for kind in subjects)
        raise UsageError(f"{options} select among different kinds. Give one of them at a time.")
    return next(iter(subjects), _DEFAULT_KIND)


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
