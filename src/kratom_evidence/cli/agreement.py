"""`kratom-evidence agreement`: how far the two extractions of the cases agree, and where they do not.

JSON form, one object; what has no meaning is null:

    data_version     version of the data package
    extracted_twice  how many cases both extractions hold
    extracted_once   ids of the cases without a second extraction
    fields           list of {"field", "title", "group", "kind", "compared", "agreed", "share", "low", "high", "stated",
                     "stated_agreed", "stated_share", "stated_low", "stated_high", "compares", "kappa", "kappa_low",
                     "kappa_high", "ac1", "ac1_low", "ac1_high", "remark", "written_agreed", "written_share",
                     "dose_text_only"}
    items            only with --items: list of {"field", "title", "item", "compared", "named", "both",
                     "first_only", "second_only", "share", "low", "high", "kappa", …, "remark"}
    disagreements    only with --disagreements: list of {"case_id", "field", "title", "difference", "first", "second",
                     "adjudicated", "decision", "who_was_right", "reason"}; decision says something only where
                     adjudicated is true, and is then null when it was decided that nothing is stated

CSV form: the fields, or with --items or --disagreements those instead, one row each, with the names above as header.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.cli.data_folder import chosen_data

if TYPE_CHECKING:
    import pandas as pd

    from kratom_evidence.dataset import Dataset

_DESCRIPTION = """\
Compare the two extractions of the cases field by field: how often the readers have the same, with 95 % intervals,
Cohen's kappa and Gwet's AC1. A case that was extracted once is left out; that is no fault.
Exit status: 0 compared, with or without disagreements; 1 the data cannot be loaded; 2 wrong usage.
"""
_EPILOG = """\
examples:
  kratom-evidence agreement
  kratom-evidence agreement --field outcome dechallenge --disagreements
  kratom-evidence agreement --items --field findings_present
  kratom-evidence agreement --disagreements --format csv > disagreements.csv
"""


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "agreement",
        help="show how far the two extractions of the cases agree",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the data (default: data/ of the project)")
    parser.add_argument(
        "--field", nargs="+", action="extend", metavar="NAME", help="only these columns of extraction/first.csv"
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--disagreements", action="store_true", help="list every difference, with what was decided and why"
    )
    shown.add_argument("--items", action="store_true", help="compare lists entry by entry")
    parser.add_argument(
        "--format", choices=("text", "json", "csv"), default="text", help="for people, programs or spreadsheets"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, and show the result."""
    # Imported here: pandas takes a second to load, and --help does not need it.
    from kratom_evidence.cli.agreement_text import text_form
    from kratom_evidence.dataset import load
    from kratom_evidence.evidence.extraction_agreement import field_agreement, item_agreement
    from kratom_evidence.evidence.extraction_differences import disagreements

    dataset = load(chosen_data(options.data))
    tables = {"fields": field_agreement(dataset, options.field).reset_index()}
    if options.items:
        tables["items"] = item_agreement(dataset, options.field)
    if options.disagreements:
        tables["disagreements"] = disagreements(dataset, options.field)
    if options.format == "json":
        print(_json(dataset, tables))
    elif options.format == "csv":
        print(_csv(list(tables.values())[-1]), end="")
    else:
        print(text_form(dataset, tables))
    return 0


def _json(dataset: "Dataset", tables: "dict[str, pd.DataFrame]") -> str:
    from kratom_evidence.evidence.extraction_agreement import extracted_once, extracted_twice

    document = {
        "data_version": dataset.version,
        "extracted_twice": len(extracted_twice(dataset)),
        "extracted_once": extracted_once(dataset),
        **{name: _records(table) for name, table in tables.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def _records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """The rows with None for what is missing."""
    whole = table.astype(object)
    return [
        {str(name): value for name, value in row.items()} for row in whole.where(table.notna(), None).to_dict("records")
    ]


def _csv(table: "pd.DataFrame") -> str:
    """The rows as CSV; a text that a spreadsheet program would run as a formula has an apostrophe in front."""
    from kratom_evidence.exports.spreadsheet_text import neutralised

    safe = table.astype(object).map(lambda value: neutralised(value) if isinstance(value, str) else value)
    return safe.to_csv(index=False, lineterminator="\n")
