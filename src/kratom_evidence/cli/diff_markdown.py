"""A comparison as Markdown for a pull request: small tables, in which no cell of the data can act as markup."""

import re
from collections.abc import Iterable, Sequence

from kratom_evidence.claims.changes import ClaimChange
from kratom_evidence.cli.diff_sides import Comparison, Side
from kratom_evidence.cli.diff_text import NO_TEST
from kratom_evidence.cli.diff_words import (
    Style,
    cases_behind_words,
    cell_words,
    change_words,
    definition_sentences,
    ledger_words,
    put_in_sentences,
    sentence_changes,
    side_words,
    summary,
    table_sentences,
    verdict_words,
)
from kratom_evidence.cli.printing import visible
from kratom_evidence.curation.changes import NO_COLUMN, CaseRecord, CellState, TableChange
from kratom_evidence.faults import shorten

# A pull request takes 65,536 characters; what is cut off is counted, and the text form has it.
MOST_ROWS = 60
MOST_KEYS = 10
WIDEST_CELL = 300
# What a new case is known by at a glance; all its cells are in the text form.
CASE_COLUMNS = ("source_access", "primary_event", "ss_assessment", "co_exposures", "findings_present")
_MARKUP = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str) -> str:
    """The text such that Markdown shows it as it is: no markup, no HTML, no link, no mention, no new table cell."""
    text = visible(text)
    text = re.sub("[&<>]", lambda found: _ENTITIES[found.group()], text)
    text = _MARKUP.sub(lambda found: f"&#{ord(found.group())};", text)
    # An address becomes a link by itself, and @name and #1 notify or link; an empty comment keeps them apart.
    text = re.sub(r"://|(?<=www)\.", lambda found: found.group().replace(":", "&#58;").replace(".", "&#46;"), text)
    return re.sub(r"@|(?<!&)#", lambda found: f"{found.group()}<!-- -->", text)


STYLE = Style(value=lambda text: escaped(shorten(text, WIDEST_CELL)), state=lambda words: f"*{words}*")


def markdown_form(comparison: Comparison) -> str:
    """The comparison under one heading, the sentences first, then a table for each kind of change that there is."""
    sides = [f"- {name}: {escaped(side_words(side))}" for name, side in _sides(comparison)]
    notes = [*put_in_sentences(comparison.base), *put_in_sentences(comparison.working)]
    blocks = ["## Changes of the data", escaped(" ".join(summary(comparison))), "\n".join(sides), *map(escaped, notes)]
    blocks += [*_claim_blocks(comparison), *_case_blocks(comparison), *_table_blocks(comparison)]
    return "\n\n".join(blocks)


def _sides(comparison: Comparison) -> Iterable[tuple[str, Side]]:
    return (("base", comparison.base), ("working", comparison.working))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are already escaped."""
    lines = [header, ["---"] * len(header), *rows[:MOST_ROWS]]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    left = len(rows) - MOST_ROWS
    return f"{table}\n\n*And {left} more; `kratom-evidence diff` lists all.*" if left > 0 else table


def _claim_blocks(comparison: Comparison) -> list[str]:
    changes = comparison.claims.changes
    moved = [change for change in changes if change.verdict_moved or change.kind != "changed"]
    stands = [change for change in changes if change not in moved]
    blocks = []
    if moved:
        rows = [row for change in moved for row in _claim_rows(change, (_named(change), verdict_words(change)))]
        blocks += ["### Verdicts that moved", _table(("Statement", "Verdict", "Before", "Now"), rows)]
    if stands:
        rows = [row for change in stands for row in _claim_rows(change, (change.claim_id, verdict_words(change)))]
        blocks += ["### Verdicts that stand, on other numbers", _table(("Statement", "Verdict", "Before", "Now"), rows)]
    return blocks


def _named(change: ClaimChange) -> str:
    judgement = change.new or change.old
    return f"{change.claim_id} {STYLE.value(judgement.claim.statement)}" if judgement else change.claim_id


def _claim_rows(change: ClaimChange, head: tuple[str, str]) -> list[list[str]]:
    """A row for each test whose sentence moved; the ledger and the cases stand in the first."""
    more = [escaped(ledger_words(change)), _labelled("cases behind it: ", cases_behind_words(change, STYLE))]
    verdict = "<br>".join(part for part in (head[1], *more) if part)
    rows: list[list[str]] = []
    for which, old, new in sentence_changes(change) or [("", "", "")]:
        label = f"{which}: " if which.startswith("test ") else ""
        before = "" if change.old is None else escaped(label + (old if old is not None else NO_TEST))
        now = "" if change.new is None else escaped(label + (new if new is not None else NO_TEST))
        rows.append([head[0] if not rows else "", verdict if not rows else "", before, now])
    return rows


def _labelled(label: str, words: str) -> str:
    return label + words if words else ""


def _case_blocks(comparison: Comparison) -> list[str]:
    cases = comparison.cases
    blocks = []
    for records, heading in ((cases.added, "### Cases added"), (cases.removed, "### Cases removed")):
        if records:
            header = ("Case", *map(escaped, CASE_COLUMNS), "Fields stated")
            blocks += [heading, _table(header, [_record_row(record) for record in records])]
    if cases.changed:
        rows = [
            [escaped(case.case_id), escaped(change.field), change_words(change, STYLE)]
            for case in cases.changed
            for change in case.fields
        ]
        blocks += ["### Cases changed", _table(("Case", "Field", "Change"), rows)]
    return blocks


def _record_row(record: CaseRecord) -> list[str]:
    shown = [cell_words(record.cells.get(name, NO_COLUMN), STYLE) for name in CASE_COLUMNS]
    stated = sum(cell.state is not CellState.NOT_STATED for cell in record.cells.values())
    return [escaped(record.case_id), *shown, f"{stated} of {len(record.cells)}"]


def _table_blocks(comparison: Comparison) -> list[str]:
    rows = [
        [escaped(table.file), _sentences([*table_sentences(table), *definition_sentences(table)]), _keys(table)]
        for table in comparison.other_tables
    ]
    if comparison.case_table is not None:
        rows.insert(
            0, [escaped(comparison.case_table.file), _sentences(definition_sentences(comparison.case_table)), ""]
        )
    return ["### Tables", _table(("File", "What changed", "Keys"), rows)] if rows else []


def _sentences(parts: Sequence[str]) -> str:
    return STYLE.value("; ".join(parts))


def _keys(table: TableChange) -> str:
    marked = [*(f"− {key}" for key in table.removed), *(f"+ {key}" for key in table.added)]
    marked += [f"{key} ({', '.join(names)})" for key, names in table.changed]
    left = len(marked) - MOST_KEYS
    shown = "; ".join(STYLE.value(key) for key in marked[:MOST_KEYS])
    return f"{shown}; *and {left} more*" if left > 0 else shown
