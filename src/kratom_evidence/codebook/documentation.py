"""The codebook as Markdown tables: `python -m kratom_evidence.codebook.documentation docs/data-dictionary.md`.

Replaces what stands between the lines `<!-- codebook:begin -->` and `<!-- codebook:end -->`.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from kratom_evidence.codebook import Category, Codebook, Field, Table, read_codebook
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.project import find_project

MARKER = "codebook"
_HEADER = "| Column | Meaning | Type and unit | Allowed values |\n| --- | --- | --- | --- |"
_TYPES = {"string": "text", "integer": "whole number", "number": "number"}
_LISTS = {
    "three_state": "list: entries separated by `; `, or `none`, or empty",
    "plain": "list: entries separated by `; `",
}


def codebook_markdown(codebook: Codebook, table_name: str) -> str:
    """The columns of a table in Markdown: one table under each group heading, in the order of the codebook."""
    groups: dict[str, list[Field]] = {}
    for field in codebook.table(table_name).fields:
        groups.setdefault(field.group or "", []).append(field)
    sections = (_group(codebook, heading, fields) for heading, fields in groups.items())
    return "\n\n".join(sections)


def data_dictionary(codebook: Codebook) -> str:
    """Every table of the codebook under a heading of the third level.

    A table whose columns are those of an earlier one, as in the two extractions, only names them.
    """
    described: list[Table] = []
    parts: list[str] = []
    for table in (table for table in codebook.tables if table.fields):
        earlier = next((other for other in described if _repeats(table, other)), None)
        names = ", ".join(f"`{field.name}`" for field in table.fields)
        body = f"Columns as in {earlier.path}: {names}." if earlier else codebook_markdown(codebook, table.name)
        parts.append(f"### {table.title} (`{table.path}`)\n\n{table.description}\n\n{body}")
        described.append(table)
    return "\n\n".join(parts)


def _repeats(table: Table, other: Table) -> bool:
    """Whether all columns but the key are described in the other table in the same words."""
    known = {field.name: (field.type, field.description) for field in other.fields}
    return all(
        known.get(field.name) == (field.type, field.description)
        for field in table.fields
        if field.name not in table.primary_key
    )


def replace_generated_section(text: str, marker: str, content: str) -> str:
    """The text with `content` between the lines `<!-- marker:begin -->` and `<!-- marker:end -->`.

    Raises:
        ExplainedError: the text does not have both lines once, in this order.
    """
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ExplainedError(f"The text must hold the lines {begin} and {end} once each, in this order.")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def _group(codebook: Codebook, heading: str, fields: Sequence[Field]) -> str:
    rows = [
        f"| `{field.name}` | {_cell(field.description)} | {_type(field)} | {_cell(_allowed(codebook, field))} |"
        for field in fields
    ]
    # A table without groups needs no heading of its own.
    title = (f"**{heading}**", "") if heading else ()
    return "\n".join((*title, _HEADER, *rows))


def _cell(text: str) -> str:
    """Text that cannot break out of a table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _type(field: Field) -> str:
    kind = _LISTS[field.list_kind] if field.list_kind else _TYPES[field.type]
    unit = f", {field.unit}" if field.unit else ""
    required = "; must be given" if field.required else ""
    return f"{kind}{unit}{required}"


def _allowed(codebook: Codebook, field: Field) -> str:
    parts = []
    if field.vocabulary is not None:
        resource, column = field.vocabulary
        parts.append(f"`{column}` of {codebook.table(resource).path}")
    if field.categories:
        parts.append(_values(field.categories))
    parts += [f"{part}: {_values(categories)}" for part, categories in field.item_categories.items()]
    limits = _limits(field.minimum, field.maximum)
    if limits:
        parts.append(limits)
    if field.pattern is not None:
        parts.append(f"of the form `{field.pattern}`")
    return "; ".join(parts)


def _values(categories: Iterable[Category]) -> str:
    return ", ".join(f"`{category.value}`{_label(category)}{_in_unit(category)}" for category in categories)


def _in_unit(category: Category) -> str:
    limits = _limits(category.minimum, category.maximum)
    return f" {limits}" if limits else ""


def _limits(minimum: float | None, maximum: float | None) -> str:
    if minimum is None:
        return "" if maximum is None else f"{maximum} or less"
    return f"{minimum} or more" if maximum is None else f"{minimum} to {maximum}"


def _label(category: Category) -> str:
    """The label in brackets, unless it only repeats the value."""
    repeated = category.label.casefold() == category.value.replace("_", " ").casefold()
    return "" if repeated else f" ({category.label})"


def main(arguments: Sequence[str]) -> int:
    """Refresh the codebook in the files named; 2 when none is named."""
    try:
        if not arguments:
            raise UsageError("usage: python -m kratom_evidence.codebook.documentation docs/data-dictionary.md")
        content = data_dictionary(read_codebook(find_project().data))
        for name in arguments:
            _refresh(Path(name), content)
    except ExplainedError as error:
        print(f"codebook.documentation: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _refresh(path: Path, content: str) -> None:
    try:
        text = path.read_text(encoding="utf-8")
        path.write_text(replace_generated_section(text, MARKER, content), encoding="utf-8", newline="\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ExplainedError(f"{path} cannot be refreshed: {error}") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
