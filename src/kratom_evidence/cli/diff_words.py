"""The words of a comparison that its text form and its Markdown form share."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from kratom_evidence.claims.changes import ClaimChange
from kratom_evidence.claims.wording import counted, listed, verb
from kratom_evidence.cli.diff_sides import Comparison, Side
from kratom_evidence.codebook import format_cell
from kratom_evidence.curation.changes import Cell, CellState, FieldChange, TableChange

_STATES = {
    CellState.NONE: "none",
    CellState.NOT_STATED: "not stated",
    CellState.NO_COLUMN: "no such column",
}
_ONE_WORD = re.compile(r"[\w.+/-]+")
# Of long texts only what differs is shown, with so many characters around it.
LONG_TEXT = 100
AROUND = 30


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a form of output writes a value of the data, and how it sets apart words that are not a value."""

    value: Callable[[str], str]
    state: Callable[[str], str]


def plain_value(value: object) -> str:
    """A value as text. A text that could be taken for a state, or has several words, stands in quotation marks."""
    if isinstance(value, tuple):
        return format_cell(value)
    text = str(value)
    return text if _ONE_WORD.fullmatch(text) and text not in _STATES.values() else f"“{text}”"


def cell_words(cell: Cell, style: Style) -> str:
    """What a cell says. Not stated, none and a missing column are told apart, and set apart from every value."""
    if cell.state is CellState.STATED:
        return style.value(plain_value(cell.value))
    return style.state(_STATES[cell.state])


def change_words(change: FieldChange, style: Style) -> str:
    """A change of a cell: "old → new", or the entries that a list gained (+) and lost (−)."""
    if change.both_lists:
        entries = [f"− {style.value(entry)}" for entry in change.removed]
        entries += [f"+ {style.value(entry)}" for entry in change.added]
        return "; ".join(entries) or style.state("the same entries in another order")
    old, new = change.old.value, change.new.value
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > LONG_TEXT:
        parts = (f"“{part}”" for part in differing_parts(old, new))
        return " → ".join(style.value(part) for part in parts)
    return f"{cell_words(change.old, style)} → {cell_words(change.new, style)}"


def differing_parts(old: str, new: str) -> tuple[str, str]:
    """The parts of two texts that differ, with a little around them; "…" stands for what is the same."""
    start = _same(old, new)
    end = min(_same(reversed(old), reversed(new)), len(old) - start, len(new) - start)
    return _part(old, start, end), _part(new, start, end)


def _same(one: Iterable[str], other: Iterable[str]) -> int:
    """How many characters are the same at the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _part(text: str, start: int, end: int) -> str:
    first, last = max(0, start - AROUND), min(len(text), len(text) - end + AROUND)
    return ("…" if first else "") + text[first:last] + ("…" if last < len(text) else "")


def side_words(side: Side) -> str:
    """A side in words: where it is, the version of its data and the hash of its files."""
    return f"{side.place}, data version {side.readings.codebook.version}, fingerprint {side.fingerprint}"


def summary(comparison: Comparison) -> tuple[str, ...]:
    """What changed and what did not, one sentence each; nothing is passed over in silence."""
    sentences = [_cases_sentence(comparison), *_verdict_sentences(comparison)]
    files = [table.file for table in comparison.other_tables]
    sentences.append(f"Other tables changed: {', '.join(files)}." if files else "No other table changed.")
    if comparison.case_table is not None:
        sentences.append("The columns of the case reports, or their description, changed.")
    ids = [change.claim_id for change in comparison.claims.ledger_changed]
    sentences.append(
        f"The ledger (claims.yaml) changed for {listed(ids)}." if ids else "The ledger (claims.yaml) says the same."
    )
    if comparison.nothing_changed and not comparison.same_files:
        sentences.append("The files differ only in what carries no data, such as the order of rows or spacing.")
    return tuple(sentences)


def _cases_sentence(comparison: Comparison) -> str:
    cases = comparison.cases
    parts = [
        f"{counted(len(found), 'case')} {what}"
        for found, what in ((cases.added, "added"), (cases.removed, "removed"), (cases.changed, "changed"))
        if found
    ]
    return f"{', '.join(parts)}." if parts else "No case changed."


def _verdict_sentences(comparison: Comparison) -> list[str]:
    moved = [change.claim_id for change in comparison.claims.verdicts_moved]
    numbers = [change.claim_id for change in comparison.claims.only_numbers_moved]
    more = " more" if moved else ""
    return [
        f"{counted(len(moved), 'verdict')} moved: {', '.join(moved)}." if moved else "No verdict moved.",
        f"The numbers behind {counted(len(numbers), f'{more} statement'.strip())} moved: {', '.join(numbers)}."
        if numbers
        else f"No{' other' if moved else ''} number moved.",
    ]


def table_sentences(table: TableChange) -> list[str]:
    """What changed in a table, without the keys of its rows."""
    if table.rows_old is None or table.rows_new is None:
        rows = table.rows_new if table.rows_old is None else table.rows_old
        what = "new" if table.rows_old is None else "gone"
        return [f"the whole table is {what}, with {counted(rows or 0, 'row')}"]
    parts = []
    if table.rows_added or table.rows_removed or table.changed:
        parts.append(
            f"{table.rows_old} → {table.rows_new} rows: {table.rows_added} added, {table.rows_removed} removed, "
            f"{len(table.changed)} changed"
        )
    if (table.rows_added or table.rows_removed) and not (table.added or table.removed):
        parts.append("its rows have no key, so a changed row counts as one removed and one added")
    return parts


def definition_sentences(table: TableChange) -> list[str]:
    """What changed in the columns of a table."""
    parts = [
        f"{'column' if len(names) == 1 else 'columns'} {what}: {', '.join(names)}"
        for names, what in ((table.columns_added, "added"), (table.columns_removed, "removed"))
        if names
    ]
    return [*parts, *(["the codebook describes it differently"] if table.described_anew else [])]


def put_in_sentences(side: Side) -> list[str]:
    """How columns were judged that a side does not have."""
    if not side.put_in:
        return []
    names = listed([f"{column} ({file})" for file, column in side.put_in])
    count = len(side.put_in)
    columns = "column" if count == 1 else "columns"
    return [f"{side.place} has no {columns} {names}; for its verdicts {verb(count, 'is')} nothing stated there."]


def ledger_words(change: ClaimChange) -> str:
    """How the entry in claims.yaml differs, or an empty text."""
    if change.kind != "changed":
        return f"{change.kind} {'to' if change.kind == 'added' else 'from'} the ledger"
    return f"its entry in claims.yaml changed: {', '.join(change.ledger_fields)}" if change.ledger_fields else ""


def verdict_words(change: ClaimChange) -> str:
    """Two verdicts with an arrow between them, or the one that stands."""
    labels = [judgement.verdict.label for judgement in (change.old, change.new) if judgement is not None]
    return " → ".join(dict.fromkeys(labels))


def cases_behind_words(change: ClaimChange, style: Style) -> str:
    """The cases behind a judgement that were lost and gained, or an empty text."""
    if change.kind != "changed":
        return ""
    cases: Sequence[str] = [f"− {style.value(case)}" for case in change.cases_removed]
    return "; ".join([*cases, *(f"+ {style.value(case)}" for case in change.cases_added)])


def sentence_changes(change: ClaimChange) -> list[tuple[str, str | None, str | None]]:
    """(which test, sentence before, sentence after) wherever they differ; None where a side has no such test."""
    old_summary = change.old.summary if change.old else None
    new_summary = change.new.summary if change.new else None
    pairs = [("deciding", old_summary, new_summary)] if old_summary != new_summary else []
    for test in change.tests:
        old = test.old.outcome.sentence if test.old else None
        new = test.new.outcome.sentence if test.new else None
        if old != new and ("deciding", old, new) not in pairs:
            pairs.append((f"test {test.name}", old, new))
    return pairs
