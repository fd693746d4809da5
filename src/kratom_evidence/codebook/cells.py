"""From the text of a cell to its value, with every fault explained. Lists are read in the module `lists`."""

import re
from collections.abc import Callable

from kratom_evidence.codebook.damage import (
    damage_of_open_entry,
    damage_of_open_text,
    decimals_added,
    scrambled,
    spreadsheet_damage,
)
from kratom_evidence.codebook.lists import co_exposure_reader, list_reader, split_outside_brackets
from kratom_evidence.codebook.names import ItemReader, name_reader
from kratom_evidence.codebook.schema import Field
from kratom_evidence.codebook.tidying import tidied
from kratom_evidence.codebook.values import CellProblem, CellReading, Problems, Vocabulary

LONGEST_CELL = 10_000
# Excel and LibreOffice cut a longer text without a word.
_LONGEST_CELL_OF_SPREADSHEETS = 32_767
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_NUMBER_WITH_UNIT = re.compile(r"(?P<number>-?[0-9]{1,18}(\.[0-9]{1,18})?)\s*[^0-9.,;]{1,20}")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_THOUSANDS_WITH_POINT = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+")
# Minus and hyphens other than the one on the keyboard.
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
# Letters that are typed or scanned in place of digits.
_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
_UNPRINTABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\ufffd\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def cell_reader(
    column: Field, vocabulary: Vocabulary | None = None, *, decimal_comma: bool = False
) -> Callable[[str], CellReading]:
    """The function that reads the cells of a column.

    `vocabulary` holds the allowed values when the codebook takes them from another table; without it that check is
    not made. `decimal_comma` says that the file comes from a program that writes 1,5 for one and a half, so that
    1.710 may be one thousand seven hundred and ten.
    """
    if column.list_kind is not None:
        item = co_exposure_reader(column, vocabulary) if column.item_form else name_reader(column, vocabulary)
        free = not column.categories and vocabulary is None and column.pattern is None and column.item_form is None
        read = list_reader(item, three_state=column.list_kind == "three_state", free=free)
    elif column.type == "string":
        read = _scalar_reader(name_reader(column, vocabulary))
    else:
        read = _number_reader(column, decimal_comma=decimal_comma)
    return _guarded(column, _undamaged_text(column, read) if is_open(column) else _undamaged(column, read))


def is_open(column: Field) -> bool:
    """Whether a cell of the column may hold any text, so that nothing but its look can show that it was damaged."""
    closed = column.categories or column.vocabulary or column.pattern or column.item_form
    return column.type == "string" and not closed


def _guarded(column: Field, read: Callable[[str], CellReading]) -> Callable[[str], CellReading]:
    """Checks that concern every cell: emptiness, characters that cannot be seen, length. Blanks at its ends go."""

    def guarded(raw: str) -> CellReading:
        text = tidied(raw)
        if text == "":
            problems = (_missing(column),) if column.required else ()
            return CellReading(value=() if column.list_kind == "plain" else None, problems=problems)
        problem = _spoilt(text)
        return CellReading(value=None, problems=(problem,)) if problem else read(text)

    return guarded


def _undamaged_text(column: Field, read: Callable[[str], CellReading]) -> Callable[[str], CellReading]:
    """Refuses what a spreadsheet made of a text that may be any."""
    damage_of = _damage_of_text if column.list_kind is None else _damage_of_entries

    def undamaged(text: str) -> CellReading:
        damage = damage_of(text)
        return CellReading(None, damage) if damage else read(text)

    return undamaged


def _undamaged(column: Field, read: Callable[[str], CellReading]) -> Callable[[str], CellReading]:
    """Refuses what a spreadsheet made of a value. What the codebook of a closed column allows is never damaged."""

    def undamaged(text: str) -> CellReading:
        reading = read(text)
        if not reading.problems:
            # The dose of a co-exposure is free text.
            letters = scrambled(text)
            return CellReading(value=None, problems=(letters,)) if letters else reading
        closed = spreadsheet_damage(text) or scrambled(text) or _decimals_behind_identifier(text, column)
        return CellReading(value=None, problems=(closed,)) if closed else reading

    return undamaged


def _damage_of_text(text: str) -> Problems:
    damage = spreadsheet_damage(text) or scrambled(text) or damage_of_open_text(text)
    return (damage,) if damage else ()


def _damage_of_entries(text: str) -> Problems:
    damage = spreadsheet_damage(text) or scrambled(text)
    if damage:
        return (damage,)
    return tuple(problem for problem in map(damage_of_open_entry, split_outside_brackets(text, ";")) if problem)


def _decimals_behind_identifier(text: str, column: Field) -> CellProblem | None:
    """An identifier made of digits to which a program added decimals."""
    added = decimals_added(text) if column.pattern else None
    fits = added and added.nearest and re.fullmatch(column.pattern or "", added.nearest)
    return added if fits else None


def _missing(column: Field) -> CellProblem:
    return CellProblem(
        code="C101",
        value="",
        why=f"{column.title} must be given for every row.",
        mend=f"Fill in the cell ({column.description.rstrip('.')}).",
    )


def _spoilt(text: str) -> CellProblem | None:
    if len(text) > LONGEST_CELL:
        cut = " Spreadsheets cut a text at this length." if len(text) == _LONGEST_CELL_OF_SPREADSHEETS else ""
        return CellProblem(
            code="C113",
            value=text,
            why=f"The cell holds {len(text)} characters; no cell may hold more than {LONGEST_CELL}.{cut}",
            mend="Shorten the text; a cell this long usually means that a quotation mark is missing above it.",
        )
    hidden = hidden_character(text)
    if hidden:
        return CellProblem(
            code="C112",
            value=text,
            why=f"The cell holds a character that cannot be seen or printed (U+{ord(hidden):04X}).",
            mend="Delete the cell and type its content again.",
            nearest=_UNPRINTABLE.sub("", text).strip() or None,
        )
    return None


def hidden_character(text: str) -> str | None:
    """The first character of the text that cannot be seen or printed; a tab is none."""
    if text.isprintable() and "\ufffd" not in text:
        return None
    hidden = _UNPRINTABLE.search(text)
    return hidden.group() if hidden else None


def _scalar_reader(item: ItemReader) -> Callable[[str], CellReading]:
    def read(text: str) -> CellReading:
        _, problems = item(text)
        return CellReading(text, problems)

    return read


def _number_reader(column: Field, *, decimal_comma: bool) -> Callable[[str], CellReading]:
    pattern = _INTEGER if column.type == "integer" else _NUMBER

    def read(text: str) -> CellReading:
        if decimal_comma and pattern is _NUMBER and _THOUSANDS_WITH_POINT.fullmatch(text):
            return CellReading(value=None, problems=(_thousands_or_decimals(text),))
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


def _thousands_or_decimals(text: str) -> CellProblem:
    return CellProblem(
        code="C102",
        value=text,
        why="The file was saved with decimal commas or without commas between its columns, so the point may be one "
        f"between thousands: {text.replace('.', '')}, or {text}?",
        mend="Look the number up. Write it without a point between thousands; add a zero behind it when the point is a "
        "decimal one.",
    )


def writes_decimal_commas(text: str) -> bool:
    """Whether the cell of a number can only be one with a decimal comma."""
    return "," in text and not _THOUSANDS.fullmatch(text) and _NUMBER.fullmatch(text.replace(",", ".")) is not None


def _number_meant(text: str, pattern: re.Pattern[str]) -> tuple[str, str | None]:
    """How to mend a cell that is no number, and the number that was probably meant."""
    ascii_minus = text.translate(DASHES).replace("·", ".")
    if ascii_minus != text and pattern.fullmatch(ascii_minus):
        return "Write the minus sign and the decimal point of the keyboard.", ascii_minus
    whole = decimals_added(text)
    if pattern is _INTEGER and whole is not None:
        return whole.mend, whole.nearest
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
