"""`kratom-evidence diff`: what changed between two versions of the data, and which verdicts moved.

JSON form, one object; lists are sorted, and what has no meaning is null:

    base, working  {"name", "commit", "data_version", "fingerprint", "columns_put_in"}; commit is null for a folder;
                   columns_put_in lists the {"file", "column"} of the other side that this one lacks: for its
                   verdicts nothing is stated there
    summary        list of sentences: what changed and what did not
    same_files     whether every data file is the same, byte for byte
    cases          {"added", "removed", "changed"}
                     added, removed: list of {"case_id", "fields": {name: cell}}
                     changed: list of {"case_id", "fields": list of {"field", "old": cell, "new": cell, "added",
                     "removed"}}; added and removed are entries of a list when both sides list some, else null
                   cell: {"state": "stated" | "none" | "not_stated" | "no_column", "value"}; value is a text, a number
                   or a list of texts where the state is "stated", else null
    tables         list of {"name", "file", "rows_old", "rows_new", "columns_added", "columns_removed",
                   "described_anew", "rows_added", "rows_removed", "added", "removed", "changed"}, only files that
                   differ, the case reports too; added and removed are keys (empty where rows have no key), changed
                   is a list of {"key", "fields"}
    claims         {"compared", "verdicts_moved": ids, "only_numbers_moved": ids, "ledger_changed": ids, "changes"}
                     changes: list of {"claim", "change": "added" | "removed" | "changed", "statement", "old", "new",
                     "verdict_moved", "numbers_moved", "ledger_fields", "cases_added", "cases_removed", "tests"}
                     old, new: {"verdict", "summary"}, null on the side that lacks the statement
                     tests: list of {"test", "decides", "old", "new"}, with {"verdict", "sentence", "counts"} or null;
                     counts: {name: {"yes", "no", "not_stated"}}
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.cli.data_folder import chosen_data
from kratom_evidence.cli.printing import escape_what_cannot_be_shown

if TYPE_CHECKING:
    from kratom_evidence.claims import Judgement, TestResult
    from kratom_evidence.claims.changes import ClaimChange, TestChange
    from kratom_evidence.cli.diff_sides import Comparison, Side
    from kratom_evidence.curation.changes import CaseRecord, Cell, FieldChange, TableChange

_DESCRIPTION = """\
Show what changed in the data since a git revision, or between two data folders: cases field by field, the other
tables by their keys, and for each statement whether its verdict or the numbers behind it moved. Each side is judged
by its own claims.yaml. Exit status: 0 compared, with or without differences; 1 a side cannot be loaded or judged; 2
wrong usage.
"""
_EPILOG = """\
examples:
  kratom-evidence diff
  kratom-evidence diff main --format markdown
  kratom-evidence diff ../older/data --data data
"""


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "diff",
        help="show what changed in the data, and which verdicts moved",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "base",
        nargs="?",
        default="HEAD",
        metavar="BASE",
        help="a data folder, or else a git revision of the checkout around the data (default: HEAD)",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data to compare with BASE (default: data/ of the project)"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="for people, for programs, or for a pull request",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare and print; 0 also when there are differences."""
    # Imported here, so that other commands do not wait for it.
    from kratom_evidence.cli.diff_markdown import markdown_form
    from kratom_evidence.cli.diff_sides import Place, base_place, compare
    from kratom_evidence.cli.diff_text import text_form

    escape_what_cannot_be_shown()
    data = chosen_data(options.data)
    working = Place(role="working", name=str(options.data or "data"), data=data)
    with base_place(options.base, data) as base:
        comparison = compare(base, working)
    forms = {"text": text_form, "json": json_form, "markdown": markdown_form}
    print(forms[options.format](comparison))
    return 0


def json_form(comparison: "Comparison") -> str:
    """The comparison as JSON; see the docstring of this module for its form."""
    from kratom_evidence.cli.diff_words import summary

    cases, claims = comparison.cases, comparison.claims
    document = {
        "base": _side_object(comparison.base),
        "working": _side_object(comparison.working),
        "summary": summary(comparison),
        "same_files": comparison.same_files,
        "cases": {
            "added": [_record_object(record) for record in cases.added],
            "removed": [_record_object(record) for record in cases.removed],
            "changed": [
                {"case_id": case.case_id, "fields": [_field_object(change) for change in case.fields]}
                for case in cases.changed
            ],
        },
        "tables": [_table_object(table) for table in comparison.tables],
        "claims": {
            "compared": claims.compared,
            "verdicts_moved": [change.claim_id for change in claims.verdicts_moved],
            "only_numbers_moved": [change.claim_id for change in claims.only_numbers_moved],
            "ledger_changed": [change.claim_id for change in claims.ledger_changed],
            "changes": [_claim_object(change) for change in claims.changes],
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _side_object(side: "Side") -> dict[str, Any]:
    return {
        "name": side.place.name,
        "commit": side.place.commit,
        "data_version": side.readings.codebook.version,
        "fingerprint": side.fingerprint,
        "columns_put_in": [{"file": file, "column": column} for file, column in side.put_in],
    }


def _cell_object(cell: "Cell") -> dict[str, Any]:
    value = [str(item) for item in cell.value] if isinstance(cell.value, tuple) else cell.value
    return {"state": cell.state.value, "value": value}


def _record_object(record: "CaseRecord") -> dict[str, Any]:
    return {"case_id": record.case_id, "fields": {name: _cell_object(cell) for name, cell in record.cells.items()}}


def _field_object(change: "FieldChange") -> dict[str, Any]:
    return {
        "field": change.field,
        "old": _cell_object(change.old),
        "new": _cell_object(change.new),
        "added": list(change.added) if change.both_lists else None,
        "removed": list(change.removed) if change.both_lists else None,
    }


def _table_object(table: "TableChange") -> dict[str, Any]:
    return {**vars(table), "changed": [{"key": key, "fields": list(names)} for key, names in table.changed]}


def _claim_object(change: "ClaimChange") -> dict[str, Any]:
    known = change.new or change.old
    return {
        "claim": change.claim_id,
        "change": change.kind,
        "statement": known.claim.statement if known else None,
        "old": _judgement_object(change.old),
        "new": _judgement_object(change.new),
        "verdict_moved": change.verdict_moved,
        "numbers_moved": change.numbers_moved,
        "ledger_fields": list(change.ledger_fields),
        "cases_added": list(change.cases_added),
        "cases_removed": list(change.cases_removed),
        "tests": [_test_object(test) for test in change.tests],
    }


def _judgement_object(judgement: "Judgement | None") -> dict[str, Any] | None:
    return None if judgement is None else {"verdict": judgement.verdict.value, "summary": judgement.summary}


def _test_object(test: "TestChange") -> dict[str, Any]:
    return {
        "test": test.name,
        "decides": test.decides,
        "old": _result_object(test.old),
        "new": _result_object(test.new),
    }


def _result_object(result: "TestResult | None") -> dict[str, Any] | None:
    if result is None:
        return None
    counts = {
        name: {"yes": tally.yes, "no": tally.no, "not_stated": tally.unknown}
        for name, tally in result.outcome.tallies.items()
    }
    return {"verdict": result.verdict.value, "sentence": result.outcome.sentence, "counts": counts}
