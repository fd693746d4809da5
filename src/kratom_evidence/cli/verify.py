"""`kratom-evidence verify`: whether a folder of reports is what the present data and programs make, to the byte.

JSON form, one object:

    out          the folder
    identical    whether everything that was looked at is as the manifest and the present project have it
    commit       {"then", "now"}: the commit of the run and the one checked out, "+" for files that differ from it
    inputs       list of {"what", "name", "then", "now"}: what pages are made from and is not what it was; what is
                 data, notebook, library, program or lock; null where there was or is none
    files        list of {"name", "lies", "why"}: files altered after the run, missing, not readable or not in the
                 manifest
    remade       list of {"name", "remade", "why", "differences"}: every page made again; remade is "the same bytes",
                 "differs", "failed" or "cannot be made from the present data"; differences is a list of
                 {"line", "again", "lies"}
    pages        {"listed", "remade", "same"}: how many reports and pages over all of them
    seed         that of the sample, or null
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.faults import UsageError
from kratom_evidence.project import find_project
from kratom_evidence.reports.engines import ENGINES, WARM
from kratom_evidence.reports.request import KIND_NAMES

if TYPE_CHECKING:
    from kratom_evidence.reports.verification import Examination, RemadeFinding, Selection

_DESCRIPTION = """\
Compare a folder of reports with the manifest beside it, and with what the present data and programs make.

First, by hashes alone: which data files, notebooks and libraries, and whether the program or the lock, are others than
in the manifest; which pages were altered after the run, are missing, or are not in the manifest. Then every page, or a
sample, is rendered again into a temporary folder and compared byte by byte. Nothing is written into the folder.
Exit status: 0 everything is identical; 1 something differs, or the manifest is missing or refused; 2 wrong usage.
"""
_EPILOG = """\
examples:
  kratom-evidence verify
  kratom-evidence verify reports/ --sample 10
  kratom-evidence verify reports/ --kind claims --format json
"""
_MOST_LISTED = 40


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "verify",
        help="make reports again and compare them, byte by byte",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", type=Path, help="folder of the reports (default: reports/ of the project)")
    parser.add_argument("--kind", choices=KIND_NAMES, help="make only the pages of this kind again")
    parser.add_argument("--sample", type=int, metavar="N", help="make only N reports again, drawn at random")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the seed of the sample (default: 1)")
    parser.add_argument("--jobs", type=int, metavar="N", help="reports rendered at once (default: one a processor)")
    parser.add_argument("--engine", choices=tuple(ENGINES), default=WARM, help=f"what runs a report (default: {WARM})")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Examine, make again, and tell; 1 when anything is not identical."""
    selection = _selection(options)
    project = find_project()
    out = options.folder or project.reports
    if not out.expanduser().is_dir():
        raise UsageError(f"{out}: there is no such folder. kratom-evidence report makes reports/.")
    # Imported here: tables and plots take seconds to load.
    from kratom_evidence.reports.verification import examine, make_again

    examined = examine(project, out.expanduser().resolve())
    as_text = options.format == "text"
    if as_text:
        # Before the rendering, which takes its time.
        print("\n".join(_examined_lines(examined)), flush=True)
    remade = make_again(examined, selection)
    if as_text:
        print("\n".join(_remade_lines(examined, remade, selection)))
    else:
        print(json.dumps(_document(examined, remade, selection), ensure_ascii=False, indent=2))
    return 0 if _identical(examined, remade) else 1


def _selection(options: argparse.Namespace) -> "Selection":
    from kratom_evidence.reports.verification import Selection

    for option in ("sample", "jobs"):
        value = getattr(options, option)
        if value is not None and value < 1:
            raise UsageError(f"--{option} {value}: give a number of reports, 1 or more.")
    return Selection(
        kind=options.kind, sample=options.sample, seed=options.seed, workers=options.jobs, engine=options.engine
    )


def _identical(examined: "Examination", remade: "Sequence[RemadeFinding]") -> bool:
    from kratom_evidence.reports.verification import Remade

    same = all(finding.remade is Remade.SAME for finding in remade)
    return same and not examined.faults and not examined.input_differences


def _examined_lines(examined: "Examination") -> Iterator[str]:
    manifest = examined.manifest
    yield f"Folder: {examined.out}"
    yield f"Made from: data {manifest.data_version}, commit {manifest.commit or 'not known'}"
    if manifest.commit != examined.commit_now:
        yield f"Checked out now: commit {examined.commit_now or 'not known'}"
    if not examined.input_differences:
        yield "Data, notebooks, program, lock and libraries: as in the manifest."
    for difference in examined.input_differences[:_MOST_LISTED]:
        yield f"differs: {difference.what}, {_change(difference.name, difference.then, difference.now)}"
    yield from _more(len(examined.input_differences))
    if not examined.faults:
        yield f"Files: {len(examined.files)}, each as in the manifest."
    for finding in examined.faults[:_MOST_LISTED]:
        yield f"{finding.lies.value}: {_shown(finding.name)}{_because(finding.why)}"
    yield from _more(len(examined.faults))


def _change(name: str, then: str | None, now: str | None) -> str:
    """Versions are shown; of hashes, that they differ is enough."""
    if then is None or now is None:
        return f"{_shown(name)}: {'added' if then is None else 'removed'} since"
    hashes = len(then) == len(now) == 64
    return f"{_shown(name)}: changed since" if hashes else f"{_shown(name)}: {_shown(then)} then, {_shown(now)} now"


def _remade_lines(examined: "Examination", remade: "Sequence[RemadeFinding]", selection: "Selection") -> Iterator[str]:
    from kratom_evidence.reports.verification import Remade

    different = [finding for finding in remade if finding.remade is not Remade.SAME]
    for finding in different[:_MOST_LISTED]:
        yield f"{finding.remade.value}: {finding.name}{_because(finding.why)}"
        for line in finding.differences:
            yield f"  line {line.line}, made again: {_line(line.again)}"
            yield f"  line {line.line}, lies there: {_line(line.lies)}"
    yield from _more(len(different))
    drawn = "" if selection.sample is None else f" (a sample, seed {selection.seed})"
    listed, same = len(examined.manifest.outputs), len(remade) - len(different)
    yield f"Made again: {len(remade)} of {listed}{drawn}; {same} the same."
    yield "Identical." if _identical(examined, remade) else "Not identical."


def _line(text: str | None) -> str:
    return "(no such line)" if text is None else text


def _because(why: str | None) -> str:
    return "" if why is None else f" ({_shown(why)})"


def _shown(text: str) -> str:
    """The text without what could steer a terminal: names of files are whatever somebody put there."""
    return "".join(character if character.isprintable() or character == "\n" else "·" for character in text)


def _more(number: int) -> Iterator[str]:
    if number > _MOST_LISTED:
        yield f"… and {number - _MOST_LISTED} more; --format json lists all."


def _document(examined: "Examination", remade: "Sequence[RemadeFinding]", selection: "Selection") -> dict[str, Any]:
    from kratom_evidence.reports.verification import Remade

    return {
        "out": str(examined.out),
        "identical": _identical(examined, remade),
        "commit": {"then": examined.manifest.commit, "now": examined.commit_now},
        "inputs": [vars(difference) for difference in examined.input_differences],
        "files": [{"name": f.name, "lies": f.lies.value, "why": f.why} for f in examined.faults],
        "remade": [
            {
                "name": finding.name,
                "remade": finding.remade.value,
                "why": finding.why,
                "differences": [vars(line) for line in finding.differences],
            }
            for finding in remade
        ],
        "pages": {
            "listed": len(examined.manifest.outputs),
            "remade": len(remade),
            "same": sum(finding.remade is Remade.SAME for finding in remade),
        },
        "seed": None if selection.sample is None else selection.seed,
    }
