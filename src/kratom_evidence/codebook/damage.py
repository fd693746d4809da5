"""The marks that spreadsheets leave: a value that the program made of what had been typed.

A cell that shows one of them is refused, because the typed value is lost or uncertain. Columns whose codebook allows
the text as it stands (the country NA is Namibia) are not looked at; see the module `cells`.
"""

import re

from kratom_evidence.codebook.mojibake import has_lost_character, unscrambled
from kratom_evidence.codebook.values import CellProblem

_MONTHS = (
    "jan|januar|january|jän|jänner|janv|janvier|ene|enero|gen|gennaio|januari|"
    "feb|februar|february|févr|février|febrero|febbraio|februari|fev|fevereiro|"
    "mar|mär|mrz|march|märz|mars|marzo|mrt|maart|março|apr|april|avr|avril|abr|abril|aprile|"
    "may|mai|mayo|mag|maggio|mei|maio|jun|june|juni|juin|junio|giu|giugno|junho|"
    "jul|july|juli|juil|juillet|julio|lug|luglio|julho|aug|august|août|ago|agosto|augustus|"
    "sep|sept|september|septembre|septiembre|set|settembre|setembro|oct|okt|october|oktober|octobre|octubre|ott|ottobre|"
    "out|outubro|nov|november|novembre|noviembre|novembro|dec|dez|december|dezember|déc|décembre|dic|diciembre|dicembre|"
    "dezembro"
)
_YEAR = "([0-9]{4}|[0-9]{2})"
_DAY = "[0-9]{1,2}"
_DATE = re.compile(
    rf"[0-9]{{4}}-{_DAY}-{_DAY}([ T][0-9:.]+)?"
    rf"|{_DAY}([./-]){_DAY}\2{_YEAR}([ T][0-9:.]+)?"
    rf"|{_DAY}\.{_DAY}\."
    rf"|{_DAY}[-. /]+({_MONTHS})\.?([-. /]+{_YEAR})?"
    # A word with a number behind it, before it is compared with every month: most texts have no such beginning.
    rf"|(?=[^\W\d_]{{3,10}}\.?[-. /]+[0-9])({_MONTHS})\.?[-. /]+([0-9]{{4}}|{_DAY})(, [0-9]{{4}})?"
    r"|[0-9]{1,2}:[0-9]{2}:[0-9]{2}( ?[ap]m)?",
    re.IGNORECASE,
)
# Nothing that a spreadsheet makes of a value begins with three words.
_SENTENCE = re.compile("[A-Za-z]+ [A-Za-z]+ [A-Za-z]")
# Days since 1900 that stand for the years 1996 to 2049, whichever day a spreadsheet counts from.
_FIRST_SERIAL, _LAST_SERIAL = 35_064, 54_788
_SCIENTIFIC = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?E[-+][0-9]+", re.IGNORECASE)
_WHOLE_WITH_DECIMALS = re.compile(r"(?P<whole>-?[0-9]+)[.,]00?")
_LEADING_ZERO = re.compile(r"0[0-9]+")
_PERCENT = re.compile(r"(?P<number>-?[0-9]+(?:[.,][0-9]+)?)%")
_BARE_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_ERROR = re.compile(
    r"#(NAME|REF|VALUE|NUM|DIV/0|NULL|N/A|NV|BEZUG|WERT|ZAHL|NOM|VALEUR|NOMBRE|SPILL|CALC|GETTING_DATA)[?!]?"
    r"|#{3,}|Err:[0-9]{3}",
    re.IGNORECASE,
)
# In English, German, French, Spanish, Portuguese, Italian and Dutch.
_TRUTH = frozenset(
    {"true", "false", "wahr", "falsch", "vrai", "faux", "verdadero", "falso", "verdadeiro", "vero", "waar", "onwaar"}
)
_PLACEHOLDERS = frozenset(
    {"na", "n/a", "n.a.", "n. a.", "<na>", "nan", "nat", "null", "nil", "k.a.", "k. a.", "-", "--", "–", "—", "?", "."}
    | {"not stated", "not reported", "not available", "not mentioned", "unknown", "unspecified", "missing"}
)


def spreadsheet_damage(text: str) -> CellProblem | None:
    """What a spreadsheet made of the value, for texts that no value of any column looks like; None when it is sound."""
    if _SENTENCE.match(text):
        return None
    if _DATE.fullmatch(text):
        return _became_a_date(text, "a date or time")
    if _SCIENTIFIC.fullmatch(text):
        return CellProblem(
            code="C115",
            value=text,
            why="A spreadsheet wrote a long number, or a name that looks like one, in scientific notation. Its digits "
            "may be lost.",
            mend="Take the value from the publication again, and format the column as text before typing it.",
        )
    if _ERROR.fullmatch(text) or text.startswith("="):
        return CellProblem(
            code="C116",
            value=text,
            why="The cell holds a formula, the error of a formula, or the marks of a column that was too narrow.",
            mend="Type the value again; a cell that begins with = + - or @ must be formatted as text.",
        )
    if text.casefold() in _TRUTH:
        return CellProblem(
            code="C116",
            value=text,
            why="The cell holds a truth value of a spreadsheet.",
            mend="Write what the codebook lists, for example yes or no, and format the column as text.",
        )
    return _placeholder(text)


def damage_of_open_text(text: str) -> CellProblem | None:
    """What a spreadsheet made of a text that may hold anything, where a bare number cannot be told from its remains."""
    if text[:1].isalpha():
        return None
    if text.isdecimal() and _FIRST_SERIAL <= int(text) <= _LAST_SERIAL:
        return _became_a_date(text, "the number of a day, which is how it keeps dates")
    if _LEADING_ZERO.fullmatch(text):
        return CellProblem(
            code="C115",
            value=text,
            why="The number begins with a zero, which spreadsheets drop.",
            mend="Write it without the leading zero.",
            nearest=text.lstrip("0") or None,
        )
    spaced = percent_spaced(text)
    if spaced is not None:
        return CellProblem(
            code="C115",
            value=text,
            why="Spreadsheets calculate with a percentage, and write it in their own way.",
            mend="Leave a space between the number and the percent sign.",
            nearest=spaced,
        )
    return decimals_added(text)


def percent_spaced(text: str) -> str | None:
    """A bare percentage with a space before its sign, as no spreadsheet writes it; None for any other text."""
    percent = _PERCENT.fullmatch(text)
    return None if percent is None else f"{percent['number']} %"


def decimals_added(text: str) -> CellProblem | None:
    """The fault of a whole number that a program wrote with decimals: 35000000.0."""
    whole = _WHOLE_WITH_DECIMALS.fullmatch(text)
    if whole is None:
        return None
    return CellProblem(
        code="C115",
        value=text,
        why="A program wrote decimals behind a whole number.",
        mend="Write the whole number, and format the column as text.",
        nearest=whole["whole"],
    )


def damage_of_open_entry(text: str) -> CellProblem | None:
    """What is wrong with an entry of a list of free text: a placeholder, or a number (LibreOffice reads 2E1 as 20)."""
    if _BARE_NUMBER.fullmatch(text):
        return CellProblem(
            code="C115",
            value=text,
            why="The entry is nothing but a number; a spreadsheet makes 20 of a name such as 2E1.",
            mend="Look the entry up, and format the column as text before typing it. Give a real number its unit.",
        )
    return _placeholder(text)


def scrambled(text: str) -> CellProblem | None:
    """The fault of a text with letters that were read or written in a wrong encoding."""
    meant = None if text.isascii() else unscrambled(text)
    if meant is not None:
        return CellProblem(
            code="C117",
            value=text,
            why="Letters were read in a wrong encoding when the file was opened.",
            mend="Open the last good file again as UTF-8 and save it as UTF-8, or type these letters again.",
            nearest=meant,
        )
    if has_lost_character(text):
        return CellProblem(
            code="C117",
            value=text,
            why="A question mark stands before a letter or digit: the encoding of the file could not hold a character.",
            mend="Type the lost character again, and save the file as UTF-8.",
        )
    return None


def _became_a_date(text: str, what: str) -> CellProblem:
    return CellProblem(
        code="C114",
        value=text,
        why=f"The cell holds {what}. Spreadsheets make dates of texts such as 1-3, 3/4 or MAR1.",
        mend="Format the column as text, then type the value of the publication again.",
    )


def _placeholder(text: str) -> CellProblem | None:
    if text.casefold() not in _PLACEHOLDERS:
        return None
    return CellProblem(
        code="C118",
        value=text,
        why="It does not say whether there was none or whether the publication does not say.",
        mend="Leave the cell empty when the publication does not say. In a list write none when it says there were "
        "none.",
    )
