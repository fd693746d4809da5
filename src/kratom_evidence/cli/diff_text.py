"""A comparison as text for a terminal. Nothing is cut short except what long texts have in common."""

import textwrap

from kratom_evidence.claims.changes import ClaimChange
from kratom_evidence.cli.diff_sides import Comparison
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
from kratom_evidence.cli.printing import WIDTH, visible
from kratom_evidence.curation.changes import CaseRecord, CellState, TableChange

STYLE = Style(value=visible, state=str)
NO_TEST = "no such test"


def text_form(comparison: Comparison) -> str:
    """The comparison in sections; a section without a change is left to the sentences at the end."""
    sides = [f"Base:    {side_words(comparison.base)}", f"Working: {side_words(comparison.working)}"]
    sections = [_case_lines(comparison), _table_lines(comparison), _claim_lines(comparison)]
    notes = [*put_in_sentences(comparison.base), *put_in_sentences(comparison.working), " ".join(summary(comparison))]
    parts = [[visible(line) for line in sides], *(lines for lines in sections if lines)]
    return "\n\n".join(["\n".join(lines) for lines in parts] + [_wrapped(visible(note), 0) for note in notes])


def _wrapped(text: str, indent: int, hanging: int | None = None) -> str:
    return textwrap.fill(
        text,
        width=WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hanging is None else hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _case_lines(comparison: Comparison) -> list[str]:
    cases = comparison.cases
    lines = []
    for records, what in ((cases.added, "added"), (cases.removed, "removed")):
        for record in records:
            lines += [f"  {visible(record.case_id)} ({what})", *_record_lines(record)]
    for change in cases.changed:
        lines.append(f"  {visible(change.case_id)} (changed)")
        lines += [_wrapped(f"{visible(f.field)}: {change_words(f, STYLE)}", 4, 8) for f in change.fields]
    return ["Cases", *lines] if lines else []


def _record_lines(record: CaseRecord) -> list[str]:
    """Every cell that says something; of the others, how many there are."""
    saying = {name: cell for name, cell in record.cells.items() if cell.state is not CellState.NOT_STATED}
    lines = [_wrapped(f"{visible(name)}: {cell_words(cell, STYLE)}", 4, 8) for name, cell in saying.items()]
    silent = len(record.cells) - len(saying)
    return [*lines, f"    not stated: {silent} {'field' if silent == 1 else 'fields'}"] if silent else lines


def _table_lines(comparison: Comparison) -> list[str]:
    lines = []
    if comparison.case_table is not None:
        definition = definition_sentences(comparison.case_table)
        lines.append(_wrapped(visible(f"{comparison.case_table.file}: {'; '.join(definition)}"), 2, 4))
    for table in comparison.other_tables:
        what = [*table_sentences(table), *definition_sentences(table)]
        lines.append(_wrapped(visible(f"{table.file}: {'; '.join(what)}"), 2, 4))
        lines += _key_lines(table)
    return ["Tables", *lines] if lines else []


def _key_lines(table: TableChange) -> list[str]:
    lines = []
    for keys, what in ((table.added, "added"), (table.removed, "removed")):
        if keys:
            lines.append(_wrapped(visible(f"{what}: {', '.join(keys)}"), 4, 8))
    lines += [_wrapped(visible(f"changed: {key} ({', '.join(names)})"), 4, 8) for key, names in table.changed]
    return lines


def _claim_lines(comparison: Comparison) -> list[str]:
    claims = comparison.claims
    first = [change for change in claims.changes if change.verdict_moved or change.kind != "changed"]
    others = [change for change in claims.changes if change not in first]
    lines = [line for change in (*first, *others) for line in _one_claim(change)]
    return ["Statements", *lines] if lines else []


def _one_claim(change: ClaimChange) -> list[str]:
    judgement = change.new or change.old
    verdict = verdict_words(change)
    stands = change.kind == "changed" and not change.verdict_moved
    heading = f"{change.claim_id}  {verdict}{' (the verdict stands)' if stands else ''}"
    lines = [_wrapped(heading, 2, 4)]
    if judgement is not None and not stands:
        lines.append(_wrapped(visible(f"“{judgement.claim.statement}”"), 6))
    ledger = ledger_words(change)
    if ledger:
        lines.append(_wrapped(visible(f"ledger: {ledger}"), 6, 10))
    for which, old, new in sentence_changes(change):
        prefix = "" if which == "deciding" else f"{which}, "
        if change.old is not None:
            lines.append(_wrapped(visible(f"{prefix}before: {old or NO_TEST}"), 6, 10))
        if change.new is not None:
            lines.append(_wrapped(visible(f"{prefix}now:    {new or NO_TEST}"), 6, 10))
    cases = cases_behind_words(change, STYLE)
    return [*lines, _wrapped(f"cases behind it: {cases}", 6, 10)] if cases else lines
