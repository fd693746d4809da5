"""Repairs for people to read: what is repaired and why, grouped by rule, and the change as a unified diff."""

import difflib
from collections.abc import Iterator

from kratom_evidence.curation.catalogue import RuleDescription, rule_catalogue
from kratom_evidence.curation.repairs import OF_EVERY_LINE, Repair, TableRepair
from kratom_evidence.faults import shorten

_MOST_PLACES = 6
_WIDTH = 40


def repair_diff(table: TableRepair) -> str:
    """The repairs of one file: lines that begin with # and name each rule, its reason and the places; then the diff.

    The diff applies to the file (`patch -p0` within the data folder), unless a rule is said to concern every line:
    that change is then not shown line by line.
    """
    rules = {rule.code: rule for rule in rule_catalogue()}
    groups: dict[str, list[Repair]] = {}
    for repair in table.repairs:
        groups.setdefault(repair.code, []).append(repair)
    lines = [f"# {table.path}"]
    for code in sorted(groups):
        lines.extend(_group(rules[code], groups[code]))
    diff = difflib.unified_diff(_lines(table.shown), _lines(table.after), table.path, table.path)
    return "\n".join(lines) + "\n" + "".join(diff)


def _group(rule: RuleDescription, repairs: list[Repair]) -> Iterator[str]:
    yield f"# {rule.code}  {rule.title}"
    yield f"#       {rule.explanation}"
    where = "every line, not shown below" if rule.code in OF_EVERY_LINE else ""
    places = list(dict.fromkeys(_place(repair) for repair in repairs if repair.row is not None))
    shown = "; ".join(places[:_MOST_PLACES])
    more = f"; and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    yield f"#       repaired in: {'; '.join(part for part in (where, shown + more) if part)}"


def _place(repair: Repair) -> str:
    if repair.column is None:
        return f"row {repair.row}"
    change = (
        "" if repair.before is None or repair.after is None else f" ({_short(repair.before)} to {_short(repair.after)})"
    )
    return f"row {repair.row}, column {repair.column or '(no name)'}{change}"


def _short(text: str) -> str:
    return repr(shorten(text, _WIDTH))


def _lines(text: str) -> list[str]:
    """The lines with their ends. Only LF ends a line, whatever else Python takes for a line end."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last + "\n\\ No newline at end of file\n"] if last else lines
