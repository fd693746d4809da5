"""`kratom-evidence validate`: every fault of the data at once, and a count of what was checked.

Text form: the faults by file, each with its code, its place as a spreadsheet shows it, the value found, why it is a
fault, how to mend it and the nearest allowed value; then the checks that were skipped, how many cases were extracted
twice, and last the counts.

JSON form, one object:

    data      the folder
    counts    {"checks", "run", "passed", "failed", "skipped", "faults"}
    faults    list of {"code", "file", "row", "column", "column_letter", "value", "why", "mend", "nearest"};
              row counts from 1 with the header (in a .json file: the entry; in a .yaml file: the line);
              what has no meaning for a fault is null
    checks    list of {"code", "file", "outcome": "passed" | "failed" | "skipped", "reason"}
    extraction
              {"cases", "extracted_twice": how many, "extracted_once": list of ids, which is no fault}; null when the
              cases of the three files could not be read

With --fix the output is the repairs (see the module `validate_fix`) and then the text form of what remains.
With --rules the JSON form is a list of {"code", "title", "explanation"}.
"""

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.cli.data_folder import chosen_data
from kratom_evidence.cli.printing import WIDTH, escape_what_cannot_be_shown, visible
from kratom_evidence.faults import Fault, UsageError, shorten

if TYPE_CHECKING:
    from kratom_evidence.curation import RuleDescription, ValidationReport

_DESCRIPTION = """\
Check all data files against the codebook, and against one another. All faults are listed at once.
Exit status: 0 no fault, 1 faults, 2 wrong usage.
"""
# What the number of a fault's place counts in each kind of file.
_PLACES = {".json": "entry", ".yaml": "line"}


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "validate",
        help="check the data files and explain every fault",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the data (default: data/ of the project)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or for programs")
    parser.add_argument(
        "--fix", action="store_true", help="show the repairs that leave no choice, as a diff, and what remains"
    )
    parser.add_argument("--write", action="store_true", help="with --fix: write the repairs into the files")
    parser.add_argument(
        "--base",
        metavar="REVISION",
        help="the git revision whose numbers are compared with the present ones (default: the last commit)",
    )
    parser.add_argument("--rules", action="store_true", help="list all rules with their explanations and check nothing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the data, or list the rules; 1 when there are faults."""
    # Imported here, so that other commands do not wait for it.
    from kratom_evidence.cli.claims_check import CLAIMS_RULES, with_claims
    from kratom_evidence.cli.validate_fix import fix, form_note
    from kratom_evidence.curation import LOST_POINTS_RULE, at_revision, last_commit, rule_catalogue, validate

    escape_what_cannot_be_shown()
    _check_usage(options)
    if options.rules:
        rules = (*rule_catalogue(), *CLAIMS_RULES, LOST_POINTS_RULE)
        print(_json([asdict(rule) for rule in rules]) if options.format == "json" else _rules_text(rules))
        return 0
    data = chosen_data(options.data)
    earlier = last_commit(data) if options.base is None else at_revision(options.base, data)
    if options.fix:
        report = fix(data, write=options.write, earlier=earlier)
        print(_remaining_text(report))
        return 1 if report.faults else 0
    if (data / ".pending").is_dir():
        print(
            "kratom-evidence: a command was stopped while it replaced files, so they may not fit together. "
            "The next `kratom-evidence add`, or `validate --fix --write`, finishes it.",
            file=sys.stderr,
        )
    report = with_claims(validate(data, earlier=earlier), data)
    if options.format == "json":
        print(_json(_report_object(report, data)))
        return 1 if report.faults else 0
    note = form_note(data) if report.columns else None
    print("\n".join((_report_text(report), *([note] if note else ()))))
    return 1 if report.faults else 0


def _check_usage(options: argparse.Namespace) -> None:
    if options.write and not options.fix:
        raise UsageError("--write belongs to --fix: kratom-evidence validate --fix --write")
    if options.fix and (options.rules or options.format == "json"):
        other = "--rules" if options.rules else "--format json"
        raise UsageError(f"--fix shows a diff; it cannot be combined with {other}.")


def _remaining_text(report: "ValidationReport") -> str:
    if not report.faults:
        return _counts_text(report)
    return f"What remains must be mended by hand:\n\n{_report_text(report)}"


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _report_object(report: "ValidationReport", data: Path) -> dict[str, Any]:
    return {
        "data": str(data),
        "counts": {
            "checks": len(report.checks),
            "run": report.run,
            "passed": report.passed,
            "failed": report.failed,
            "skipped": len(report.skipped),
            "faults": len(report.faults),
        },
        "faults": [_fault_object(report, fault) for fault in report.faults],
        "checks": [asdict(check) for check in report.checks],
        "extraction": _extraction_object(report),
    }


def _extraction_object(report: "ValidationReport") -> dict[str, Any] | None:
    coverage = report.extraction
    if coverage is None:
        return None
    twice, once = coverage.twice, coverage.once
    return {"cases": len(twice) + len(once), "extracted_twice": len(twice), "extracted_once": once}


def _fault_object(report: "ValidationReport", fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.code,
        "file": fault.file,
        "row": fault.row,
        "column": fault.column,
        "column_letter": report.column_letter(fault),
        "value": fault.value,
        "why": fault.why,
        "mend": fault.mend,
        "nearest": fault.nearest,
    }


def _report_text(report: "ValidationReport") -> str:
    parts: list[str] = []
    for file, faults in groupby(report.faults, key=lambda fault: fault.file):
        parts.append("\n".join((file, *(_fault_text(report, fault) for fault in faults))))
    if report.skipped:
        parts.append("\n".join(("Skipped checks, which say nothing about the data:", *_skipped_text(report))))
    if report.extraction is not None:
        parts.append(_wrapped(str(report.extraction), indent=0, hanging=0))
    parts.append(_counts_text(report))
    return "\n\n".join(parts)


def _fault_text(report: "ValidationReport", fault: Fault) -> str:
    letter = report.column_letter(fault)
    column = (
        None if fault.column is None else f"column {letter}: {fault.column}" if letter else f"column {fault.column}"
    )
    row = None if fault.row is None else f"{_PLACES.get(Path(fault.file).suffix, 'row')} {fault.row}"
    place = visible(", ".join(part for part in (row, column) if part) or "whole file")
    details = (
        ("found", None if fault.value is None else repr(shorten(fault.value))),
        ("why", fault.why),
        ("mend", fault.mend),
        ("nearest", None if fault.nearest is None else repr(shorten(fault.nearest))),
    )
    lines = [f"  {fault.code}  {place}"]
    for name, text in details:
        if text is not None:
            lines.append(_wrapped(f"{name + ':':9}{visible(text)}", indent=8, hanging=17))
    return "\n".join(lines)


def _wrapped(text: str, *, indent: int, hanging: int) -> str:
    return textwrap.fill(
        text,
        width=WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _skipped_text(report: "ValidationReport") -> Iterator[str]:
    """One line for each file and reason, with the codes of the rules."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for check in report.skipped:
        grouped.setdefault((check.file, check.reason or ""), []).append(check.code)
    for (file, reason), codes in grouped.items():
        yield _wrapped(f"{file}: {', '.join(codes)} ({reason})", indent=2, hanging=4)


def _counts_text(report: "ValidationReport") -> str:
    faults = f"{len(report.faults)} {'fault' if len(report.faults) == 1 else 'faults'}"
    return (
        f"{len(report.checks)} checks: {report.passed} passed, {report.failed} failed, "
        f"{len(report.skipped)} skipped; {faults}"
    )


def _rules_text(rules: "tuple[RuleDescription, ...]") -> str:
    lines = []
    for rule in rules:
        lines.append(_wrapped(f"{rule.code}  {rule.title}", indent=0, hanging=6))
        lines.append(_wrapped(rule.explanation, indent=6, hanging=6))
    return "\n".join(lines)
