"""`kratom-evidence report`: render reports and the index page."""

import argparse
import sys
from pathlib import Path
from typing import Any

from kratom_evidence.faults import UsageError
from kratom_evidence.project import find_project

_DESCRIPTION = """\
Render one page a statement (claims/C01.html …), a case (cases/brooks2023.html …), a substance taken besides kratom
(substances/venlafaxine.html …) or a drug class (classes/ssri.html …), and index.html, which lists all statements with
their verdicts. The index covers all statements even when only some are rendered, and links to the pages that exist.
With pages of statements come claims/index.html, the ledger of all statements to filter and to sort, and the same for
programs: verdicts.json, described by verdicts.schema.json.
"""
_EPILOG = """\
examples:
  kratom-evidence report
  kratom-evidence report --claim C13 --claim C14
  kratom-evidence report all
  kratom-evidence report cases --case brooks2023
  kratom-evidence report substances --substance venlafaxine
  kratom-evidence report --claim C13 -p ss_definition=hunter_strict
"""
_DEFAULT_KIND = "claims"
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
        help="render the reports and say where index.html is",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "kind",
        nargs="?",
        default=_DEFAULT_KIND,
        metavar="KIND",
        help=f"claims, cases, substances, classes or all (default: {_DEFAULT_KIND})",
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
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Render what was asked for; 1 when a report failed."""
    # Imported here: the rendering machinery takes a second to load, and other commands do not need it.
    from kratom_evidence.reports.batch import default_workers
    from kratom_evidence.reports.site import ReportRequest, make_site

    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs {options.jobs}: give a number of reports, 1 or more.")
    subjects = {kind: tuple(getattr(options, kind)) for kind in _SELECTING if getattr(options, kind)}
    for kind in subjects:
        if kind != options.kind:
            option = _SELECTING[kind][0]
            raise UsageError(f"{option} selects among {kind}. Write: kratom-evidence report {kind} {option} …")
    project = find_project()
    request = ReportRequest(
        kind=options.kind,
        subjects=subjects,
        assignments=options.assignments,
        out=(options.out or project.reports).expanduser().resolve(),
        workers=options.jobs or default_workers(),
    )
    site = make_site(project, request)
    for result in site.failed:
        print(f"failed: {result.job.output}\n  {_indented(str(result.failure))}", file=sys.stderr)
    made = len(site.results) - len(site.failed)
    print(f"{made} of {len(site.results)} reports made, {len(site.failed)} failed.")
    for result in site.results if len(site.results) <= 3 else ():
        if result.failure is None:
            print(f"Page: {result.job.output}")
    print(f"Index: {site.index}")
    return 1 if site.failed else 0


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
