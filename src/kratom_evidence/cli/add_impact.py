"""What a new case moves, as `kratom-evidence add` shows it: the comparison of `kratom-evidence diff`."""

import json
from contextlib import ExitStack
from typing import Any

from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.writing import data_with
from kratom_evidence.cli.diff import json_form
from kratom_evidence.cli.diff_sides import Comparison, Place, compare
from kratom_evidence.cli.diff_text import text_form
from kratom_evidence.curation.new_case_rows import Addition


def compared(entry: CaseEntry, made: Addition, before: dict[str, str]) -> Comparison:
    """The comparison of the data without and with the addition; `before` is the old text of what it changed."""
    with ExitStack() as stack:
        old = stack.enter_context(data_with(entry.data, before))
        new = stack.enter_context(data_with(entry.data, made.files))
        return compare(
            Place(role="base", name="without the case", data=old), Place(role="working", name="with the case", data=new)
        )


def impact_text(comparison: Comparison | None) -> str | None:
    """The comparison in the words of `kratom-evidence diff`; None when nothing was compared."""
    return None if comparison is None else text_form(comparison)


def impact_object(comparison: Comparison) -> dict[str, Any]:
    """The comparison as `kratom-evidence diff --format json` gives it."""
    document: dict[str, Any] = json.loads(json_form(comparison))
    return document
