"""From the text of a cell to its value, with every fault explained. Lists are read in the module `lists`."""

import re
from collections.abc import Callable

from kratom_evidence.codebook.lists import co_exposure_reader, list_reader
from kratom_evidence.codebook.names import ItemReader, name_reader
from kratom_evidence.codebook.schema import Field
from kratom_evidence.codebook.values import CellProblem, CellReading, Vocabulary

LONGEST_CELL = 10_000
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_NUMBER_WITH_UNIT = re.compile(r"(?P<number>-?[0-9]{1,18}(\.[0-9]{1,18})?)\s*[^0-9.,;]{1,20}")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
# Letters that are typed or scanned in place of digits.
_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
_UNPRINTABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ufffd\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def cell_reader(column: Field, vocabulary: Vocabulary | None = None) -> Callable[[str], CellReading]:
    """The function that reads the cells of a column.

    `vocabulary` holds the allowed values when the codebook takes them from another table; without it that check is
    not made.
    """
    if column.list_kind is not None:
        item = co_exposure_reader(column, vocabulary) if column.item_form else name_reader(column, vocabulary)
        free = not column.categories and vocabulary is None and column.pattern is None and column.item_form is None
        read = list_reader(item, three_state=column.list_kind == "three_state", free=free)
    elif column.type == "string":
        read = _scalar_reader(name_reader(column, vocabulary))
    else:
        read = _number_reader(column)
    return _guarded(column, read)


def _guarded(column: Field, read: Callable[[str], CellReading]) -> Callable[[str], CellReading]:
    """Checks that concern every cell: emptiness, stray spaces, characters that cannot be seen, length."""

    def guarded(text: str) -> CellReading:
        if text == "":
            problems = (_missing(column),) if column.required else ()
            return CellReading(value=() if column.list_kind == "plain" else None, problems=problems)
        problem = _spoilt(text)
        return CellReading(value=None, problems=(problem,)) if problem else read(text)

    return guarded


def _missing(column: Field) -> CellProblem:
    return CellProblem(
        code="C101",
        value="",
        why=f"{column.title} must be given for every row.",
        mend=f"Fill in the cell ({column.description.rstrip('.')}).",
    )


def _spoilt(text: str) -> CellProblem | None:
    if len(text) > LONGEST_CELL:
        return CellProblem(
            code="C113",
            value=text,
            why=f"The cell holds {len(text)} characters; no cell may hold more than {LONGEST_CELL}.",
            mend="Shorten the text; a cell this long usually means that a quotation mark is missing above it.",
        )
    hidden = _UNPRINTABLE.search(text)
    if hidden:
        return CellProblem(
            code="C112",
            value=text,
            why=f"The cell holds a character that cannot be seen or printed (U+{ord(hidden.group()):04X}).",
            mend="Delete the cell and type its content again.",
            nearest=_UNPRINTABLE.sub("", text).strip() or None,
        )
    if text != text.strip():
        stripped = text.strip()
        return CellProblem(
            code="C109",
            value=text,
            why="The cell begins or ends with a space." if stripped else "The cell holds nothing but spaces.",
            mend=f"Remove the space, so that the cell holds {stripped!r}." if stripped else "Empty the cell.",
            nearest=stripped or None,
        )
    return None


def _scalar_reader(item: ItemReader) -> Callable[[str], CellReading]:
    def read(text: str) -> CellReading:
        _, problems = item(text)
        return CellReading(value=text, problems=problems)

    return read


def _number_reader(column: Field) -> Callable[[str], CellReading]:
    pattern = _INTEGER if column.type == "integer" else _NUMBER

    def read(text: str) -> CellReading:
        if not pattern.fullmatch(text):
            return CellReading(value=None, problems=(_not_a_number(text, column, pattern),))
        value = int(text) if column.type == "integer" else float(text)
        problem = _out_of_range(column, text, value)
        return CellReading(value=value, problems=(problem,) if problem else ())

    return read


def _not_a_number(text: str, column: Field, pattern: re.Pattern[str]) -> CellProblem:
    kind = "a whole number" if column.type == "integer" else "a number"
    unit = f" in {column.unit}" if column.unit else ""
    mend, nearest = _number_meant(text, pattern)
    return CellProblem(
        code="C102", value=text, why=f"The cell must hold {kind}{unit} and nothing else.", mend=mend, nearest=nearest
    )


def _number_meant(text: str, pattern: re.Pattern[str]) -> tuple[str, str | None]:
    """How to mend a cell that is no number, and the number that was probably meant."""
    without_commas, with_point = text.replace(",", ""), text.replace(",", ".")
    if _THOUSANDS.fullmatch(text):
        # 1,710 may be one thousand seven hundred and ten or one point seven; only a whole number is certain.
        certain = pattern is _INTEGER and pattern.fullmatch(without_commas)
        return "Write the number without a comma between the digits.", without_commas if certain else None
    if text.count(",") == 1 and pattern.fullmatch(with_point):
        return "Write a decimal point instead of the comma.", with_point
    mend = "Write digits only, with a decimal point where needed; leave the cell empty when it is not stated."
    translated = text.translate(_LOOKALIKES)
    if pattern.fullmatch(translated):
        return f"A letter stands in place of a digit. {mend}", translated
    with_unit = _NUMBER_WITH_UNIT.fullmatch(text)
    number = with_unit["number"] if with_unit else None
    return mend, number if number is not None and pattern.fullmatch(number) else None


def _out_of_range(column: Field, text: str, value: float) -> CellProblem | None:
    if _within(column, value):
        return None
    unit = f" {column.unit}" if column.unit else ""
    if column.minimum is not None and column.maximum is not None:
        limits = f"lie between {column.minimum} and {column.maximum}{unit}"
    elif column.minimum is not None:
        limits = f"be at least {column.minimum}{unit}"
    else:
        limits = f"be at most {column.maximum}{unit}"
    return CellProblem(
        code="C103",
        value=text,
        why=f"{column.title} must {limits}.",
        mend="Check the number and its unit in the publication (a lost decimal point? another unit?).",
        nearest=_with_decimal_point(column, text, value),
    )


def _within(column: Field, value: float) -> bool:
    too_low = column.minimum is not None and value < column.minimum
    too_high = column.maximum is not None and value > column.maximum
    return not (too_low or too_high)


def _with_decimal_point(column: Field, text: str, value: float) -> str | None:
    """The number with its decimal point put back. Only where the range is too narrow for another explanation."""
    narrow = column.type == "number" and column.minimum is not None and column.minimum > 0
    if narrow and text.isdigit() and len(text) > 1 and _within(column, value / 10):
        return f"{text[:-1]}.{text[-1]}"
    return None
