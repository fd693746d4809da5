"""What each code about whole files and single cells means."""

from collections.abc import Callable
from dataclasses import dataclass

from kratom_evidence.codebook import Field


@dataclass(frozen=True, kw_only=True)
class FileRule:
    """A rule about a file (`concerns` is None) or about the cells of the columns that it concerns.

    A rule of form is never broken: what does not keep to it is read as it was meant, and `validate --fix` writes it as
    the rule says.
    """

    code: str
    title: str
    explanation: str
    formats: frozenset[str] = frozenset({"csv"})
    concerns: Callable[[Field], bool] | None = None
    is_form: bool = False


def _every_column(_: Field) -> bool:
    return True


def _is_list(field: Field) -> bool:
    return field.list_kind is not None


def _three_states(field: Field) -> bool:
    return field.list_kind == "three_state"


def _has_limits(field: Field) -> bool:
    return field.minimum is not None or field.maximum is not None


_JSON = frozenset({"json"})
_BOTH = frozenset({"csv", "json"})
_EXTRA_COLUMN = "Correct the name, remove the column, or describe it in datapackage.json first."

FILE_RULES = (
    FileRule(code="F001", title="The file exists and can be read.", explanation="Restore it from git.", formats=_BOTH),
    FileRule(
        code="F002",
        title="The file is saved as UTF-8.",
        explanation="Save it again as CSV in the encoding UTF-8.",
    ),
    FileRule(
        code="F003",
        title="Columns are separated by commas.",
        explanation="Semicolons, tabs, bars and Excel's line sep=; are read too; validate --fix writes commas.",
        is_form=True,
    ),
    FileRule(
        code="F004",
        title="Quotation marks fit together.",
        explanation='A cell with a comma or a quotation mark stands between quotation marks, and "" stands for one '
        "inside it.",
    ),
    FileRule(code="F005", title="Every column is in the codebook.", explanation=_EXTRA_COLUMN),
    FileRule(
        code="F006",
        title="Every column of the codebook is there.",
        explanation="Add it; leave its cells empty where nothing is stated.",
    ),
    FileRule(code="F007", title="A column stands once in the header.", explanation="Keep one of them."),
    FileRule(
        code="F008",
        title="Every row has as many cells as the header.",
        explanation="Put a cell that contains a comma between quotation marks, and keep one cell for every column.",
    ),
    FileRule(code="F009", title="No cell holds a line break.", explanation="Replace the line break by a space."),
    FileRule(
        code="F010",
        title="A bibliography is a list of publications in JSON.",
        explanation="Mend the JSON at the place that is named, or export it again from Zotero as CSL JSON.",
        formats=_JSON,
    ),
    FileRule(
        code="F011",
        title="The first line holds the names of the columns.",
        explanation="Put that line first, or restore the file from git.",
    ),
    FileRule(code="F012", title="No row between others is empty.", explanation="Delete the row."),
    FileRule(
        code="F013",
        title="A table that others refer to has rows.",
        explanation="Restore its rows, for example with git checkout.",
    ),
    FileRule(
        code="F014",
        title="The file is CSV text, not a workbook.",
        explanation="Open it in the spreadsheet program and save it as CSV: encoding UTF-8, separated by commas.",
    ),
    FileRule(
        code="F015",
        title="A file is written plainly.",
        explanation="Without byte order mark, with LF at line ends, quotation marks only where they are needed, no "
        "empty rows or columns at the end. Other ways of writing are read too; validate --fix writes this one.",
        is_form=True,
    ),
    FileRule(
        code="F016",
        title="Columns stand in the order of the codebook.",
        explanation="Any order is read, by the names of the columns; validate --fix restores it.",
        is_form=True,
    ),
    FileRule(
        code="C101",
        title="What must be given is given.",
        explanation="Fill in the cell.",
        formats=_BOTH,
        concerns=lambda field: field.required,
    ),
    FileRule(
        code="C102",
        title="A cell for a number holds a number and nothing else.",
        explanation="Digits with a decimal point; no unit, no comma. Leave the cell empty when it is not stated.",
        concerns=lambda field: field.type != "string",
    ),
    FileRule(
        code="C103",
        title="A number lies in its range.",
        explanation="The range is wide; outside it a decimal point was lost or another unit used.",
        concerns=_has_limits,
    ),
    FileRule(
        code="C104",
        title="A value is one of the values that the codebook lists.",
        explanation="Use one of the listed values.",
        concerns=lambda field: bool(field.categories or field.item_categories),
    ),
    FileRule(
        code="C105",
        title="A term stands in its vocabulary, and a reference leads to a row that exists.",
        explanation="Use a listed term, or add a new one to the vocabulary (or the publication to the bibliography) "
        "first.",
        concerns=lambda field: field.vocabulary is not None,
    ),
    FileRule(
        code="C106",
        title="The entries of a list are separated by a semicolon and a space.",
        explanation="Write first; second; third, without an empty entry.",
        concerns=_is_list,
    ),
    FileRule(
        code="C107",
        title="The word none stands alone.",
        explanation="none means that the publication says there were none. Keep it or the values; leave the cell empty "
        "when the publication does not say.",
        concerns=_three_states,
    ),
    FileRule(
        code="C108",
        title="A text has its form and length.",
        explanation="Write it in the form that the codebook describes.",
        formats=_BOTH,
        concerns=lambda field: field.pattern is not None or field.max_length is not None,
    ),
    FileRule(
        code="C109",
        title="No cell begins or ends with a blank.",
        explanation="Spaces, no-break and zero-width spaces and tabs there are not read; validate --fix removes them.",
        concerns=_every_column,
        is_form=True,
    ),
    FileRule(
        code="C110",
        title="An entry stands once in a list.",
        explanation="Keep it once, so that it is not counted twice.",
        concerns=_is_list,
    ),
    FileRule(
        code="C111",
        title="A co-exposure reads: substance [evidence, timing: dose].",
        explanation="For example: sertraline [prescribed, concurrent: 50 mg per day]. The dose may be left out.",
        concerns=lambda field: field.item_form == "co_exposure",
    ),
    FileRule(
        code="C112",
        title="No cell holds a character that cannot be seen.",
        explanation="Delete the cell and type its content again.",
        concerns=_every_column,
    ),
    FileRule(
        code="C113",
        title="No cell is longer than any text can be.",
        explanation="A cell this long usually means that a quotation mark is missing above it.",
        concerns=_every_column,
    ),
    FileRule(
        code="C114",
        title="No cell holds a date that a spreadsheet made.",
        explanation="Spreadsheets make dates of 1-3, 3/4 or MAR1. Format the column as text and type the value again.",
        concerns=_every_column,
    ),
    FileRule(
        code="C115",
        title="No number was rewritten by a spreadsheet.",
        explanation="3.5E+07, 35000000.0, 12%, a leading zero, or 20 for the enzyme 2E1. Format the column as text and "
        "type the value again.",
        concerns=_every_column,
    ),
    FileRule(
        code="C116",
        title="No cell holds a formula, its error, or a truth value.",
        explanation="#NAME?, #REF!, ###, TRUE, WAHR. Type the value again, in a column formatted as text.",
        concerns=_every_column,
    ),
    FileRule(
        code="C117",
        title="No letters were read or written in a wrong encoding.",
        explanation="MÃ¼ller or M?ller for Müller. Open the last good file as UTF-8, or type these letters again.",
        concerns=_every_column,
    ),
    FileRule(
        code="C118",
        title="No cell holds NA, n/a, nan, NULL or a dash.",
        explanation="They do not say whether there was none (the word none, in lists) or the publication does not say "
        "(an empty cell).",
        concerns=_every_column,
    ),
    FileRule(
        code="C119",
        title="Accented letters are single characters (Unicode NFC).",
        explanation="macOS writes them as letter and mark, which are read as one; validate --fix writes one.",
        concerns=_every_column,
        is_form=True,
    ),
    FileRule(
        code="C120",
        title="Entries of a list and of a co-exposure are spaced alike.",
        explanation="first;second is read as first; second, and validate --fix writes it so.",
        concerns=_is_list,
        is_form=True,
    ),
    FileRule(
        code="C121",
        title="A bibliography holds no abstract.",
        explanation="Remove it: an abstract is a text of its publisher, and the data may be copied by everybody. "
        "Zotero exports it with each entry.",
        formats=_JSON,
    ),
)


def form_codes() -> frozenset[str]:
    """The codes of the rules of form, which are never broken but restored by `validate --fix`."""
    return frozenset(rule.code for rule in FILE_RULES if rule.is_form)
