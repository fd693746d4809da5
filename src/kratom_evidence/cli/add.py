"""`kratom-evidence add`: a new case, from a guided dialogue or from a file.

JSON form (with --from), one object; what has no meaning is null:

    status     "written", "dry_run" or "refused"
    case_id, citekey, row, source, files    the new case, its stated columns, its publication in CSL-JSON (null when it
               was included already), and the files of the data that change
    faults     list of {"code", "file", "line", "field", "value", "why", "mend", "nearest"}; not empty when refused
    warnings   list of {"kind": "same_patient" | "remark" | "citation", "sentence"}
    impact     the JSON form of `kratom-evidence diff` before and after; null with --no-impact or when refused
    reminders  list of sentences: what is left to do
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.cli.data_folder import CODEBOOK, chosen_data
from kratom_evidence.cli.printing import escape_what_cannot_be_shown
from kratom_evidence.faults import ExplainedError, UsageError

if TYPE_CHECKING:
    from kratom_evidence.adding.case_file import CaseFile
    from kratom_evidence.adding.entry import CaseEntry, Caution
    from kratom_evidence.curation.new_case import NewCase

_DESCRIPTION = """\
Add a published case. On a terminal, a dialogue asks for the publication and then for every column; each answer is
saved at once, and add --resume goes on after an interruption. Without a terminal: add --template makes a commented
file to fill in, and add --from reads it. Nothing is written that does not pass kratom-evidence validate.
Exit status: 0 written (or --dry-run without faults), 1 refused and explained, 2 wrong usage.
"""
_EPILOG = """\
examples:
  kratom-evidence add
  kratom-evidence add --pmid 12345678
  kratom-evidence add --template > case.yaml
  kratom-evidence add --from case.yaml --dry-run
  kratom-evidence add --resume
  kratom-evidence add --second brooks2023
"""
_NO_TERMINAL = (
    "The dialogue needs a terminal. Without one: kratom-evidence add --template > case.yaml, fill it in, "
    "then kratom-evidence add --from case.yaml"
)


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "add",
        help="add a published case",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--template", action="store_true", help="print a commented YAML file to fill in")
    ways.add_argument(
        "--from", dest="source", metavar="FILE", help="read the case from a YAML file (-: standard input)"
    )
    ways.add_argument(
        "--resume", nargs="?", const="", metavar="DRAFT", help="go on with a draft; without a name, choose one"
    )
    parser.add_argument(
        "--second",
        metavar="CASE_ID",
        help="extract this case a second time, without seeing the first extraction (also with --template and --from)",
    )
    parser.add_argument("--doi", help="fetch the citation of this DOI")
    parser.add_argument("--pmid", help="fetch the citation of this PMID")
    parser.add_argument("--offline", action="store_true", help="ask no service; use only what was fetched before")
    parser.add_argument(
        "--same-publication", action="store_true", help="a further patient of a publication that is included already"
    )
    parser.add_argument(
        "--not-the-same-patient", action="store_true", help="the similar cases were looked at and are other patients"
    )
    parser.add_argument("--dry-run", action="store_true", help="with --from: show what would be written and what moves")
    parser.add_argument("--no-impact", action="store_true", help="do not judge the statements before and after")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the data (default: data/ of the project)")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="with --from: for people or programs"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the template, read a file, or lead through the dialogue."""
    # Imported here, so that other commands do not wait for it.
    from kratom_evidence.adding.entry import CaseEntry
    from kratom_evidence.adding.writing import repaired

    escape_what_cannot_be_shown()
    _refuse_combinations(options)
    data = _data(options.data)
    if repaired(data):
        print("An earlier command was stopped while it wrote; what it had decided is written now.", file=sys.stderr)
    entry = CaseEntry(data=data, second_of=options.second)
    if options.second is not None:
        _refuse_second(entry)
    if options.template:
        return _template(entry, options)
    if options.source is not None:
        return _from_file(entry, options)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_NO_TERMINAL)
    from kratom_evidence.cli.add_dialogue import lead

    return lead(entry, options)


def _refuse_combinations(options: argparse.Namespace) -> None:
    if options.doi and options.pmid:
        raise UsageError("Give either --doi or --pmid.")
    if options.source is None and (options.dry_run or options.format == "json"):
        raise UsageError("--dry-run and --format json go with --from FILE.")
    if options.second is not None and options.resume is not None:
        raise UsageError("A draft knows whether it is a second extraction: give --resume alone.")
    if (options.second is not None or options.resume is not None) and (options.doi or options.pmid):
        raise UsageError("--doi and --pmid go with a new case only.")


def _refuse_second(entry: "CaseEntry") -> None:
    """Refuse a case that does not exist or was extracted twice, before anything is asked."""
    from kratom_evidence.curation.second_extraction import second_faults

    faults = second_faults(str(entry.second_of), entry.readings)
    if faults:
        raise ExplainedError("There is nothing to extract.", faults)


def _data(named: Path | None) -> Path:
    folder = chosen_data(named)
    if not (folder / CODEBOOK).is_file():
        raise UsageError(f"--data {named}: the folder has no {CODEBOOK}.")
    return folder


def _template(entry: "CaseEntry", options: argparse.Namespace) -> int:
    from kratom_evidence.adding.template import template_text
    from kratom_evidence.curation.new_case import NewCase

    print(template_text(entry.groups, _with_options(NewCase(), options)), end="")
    return 0


def _with_options(new: "NewCase", options: argparse.Namespace) -> "NewCase":
    """The answers with the citation that --doi or --pmid fetches, and what the other options say."""
    citation = dict(new.citation)
    if options.doi or options.pmid:
        from kratom_evidence.adding.citations import default_finder, fetched_answers

        found = fetched_answers(options.doi or f"pmid:{options.pmid}", default_finder(offline=options.offline))
        citation = {**found, **citation}
    return replace(
        new,
        citation=citation,
        same_publication=new.same_publication or options.same_publication,
        not_the_same_patient=new.not_the_same_patient or options.not_the_same_patient,
    )


def _content(source: str) -> bytes:
    """The bytes of the file, no more than one too many."""
    from kratom_evidence.adding.case_file import LARGEST_FILE

    if source == "-":
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    try:
        with Path(source).expanduser().open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"--from {source}: the file cannot be read: {reason}.") from None


def _from_file(entry: "CaseEntry", options: argparse.Namespace) -> int:
    from kratom_evidence.adding.case_file import read_case_file

    name = "standard input" if options.source == "-" else options.source
    try:
        file = read_case_file(_content(options.source), name)
        return _added(entry, file, _with_options(file.new, options), options)
    except UsageError:
        raise
    except ExplainedError as error:
        return _refused(error, None, options)


def _refused(error: ExplainedError, file: "CaseFile | None", options: argparse.Namespace) -> int:
    """Explain why nothing was written; the faults of answers are placed in the file."""
    from kratom_evidence.cli.add_words import fault_lines, json_answer

    faults = [fault if file is None else file.located(fault) for fault in error.faults]
    if options.format == "json":
        print(json_answer("refused", faults=faults, left=[] if faults else str(error).splitlines()))
    heading = str(error).splitlines()[0] if faults else str(error)
    print("\n".join([f"kratom-evidence: {heading}", *fault_lines(faults)]), file=sys.stderr)
    return 1


def _added(entry: "CaseEntry", file: "CaseFile", new: "NewCase", options: argparse.Namespace) -> int:
    """Check, write unless it is a dry run, and show what moves."""
    from kratom_evidence.adding.entry import same_patient_fault
    from kratom_evidence.cli.add_impact import compared, impact_object, impact_text
    from kratom_evidence.cli.add_words import json_answer, reminders, text_answer

    try:
        notes = _title_notes(new, options)
        if options.dry_run:
            made = entry.preview(new)
            faults = made.faults or tuple(same_patient_fault(same) for same in entry.same_patients(new))
            if faults:
                raise ExplainedError("The case would not be written.", faults)
            before: dict[str, str] = {}
        else:
            written = entry.write(new)
            made, before = written.addition, dict(written.before)
            # What was written was compared with the other cases; now it would be found to be like itself.
            new = replace(new, not_the_same_patient=True)
    except ExplainedError as error:
        return _refused(error, file, options)
    warnings = [*notes, *entry.warnings_of(new, made)]
    silent = options.no_impact or entry.second_of is not None
    comparison = None if silent else compared(entry, made, before)
    left = reminders(made, comparison, second=entry.second_of is not None)
    if options.format == "json":
        status = "dry_run" if options.dry_run else "written"
        impact = None if comparison is None else impact_object(comparison)
        print(json_answer(status, made=made, warnings=warnings, impact=impact, left=left))
        return 0
    print(text_answer(made, warnings, impact_text(comparison), written=not options.dry_run))
    if not options.dry_run:
        print("\n".join(["", "Still to do:", *(f"- {reminder}" for reminder in left)]))
    return 0


def _title_notes(new: "NewCase", options: argparse.Namespace) -> "list[Caution]":
    """Whether the title fits the identifier, where that could not be checked.

    Raises:
        ExplainedError: it is the title of another publication.
    """
    from kratom_evidence.adding.citations import check_title, default_finder, title_fault
    from kratom_evidence.adding.entry import Caution

    if (
        new.same_publication
        or options.second is not None
        or not any(new.citation.get(name) for name in ("doi", "pmid", "pmcid"))
    ):
        return []
    check = check_title(new.citation, default_finder(offline=options.offline))
    if check is not None and check.state == "differs":
        raise ExplainedError("The case was not written.", [title_fault(check, new.citation)])
    return [] if check is None else [Caution(kind="citation", sentence=check.sentence)]
