"""How one value of a frame is written in a table."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from numbers import Integral, Real
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from kratom_evidence.presentation.inline import Inline, clean_text, escape

# A format specification as of `format()` (".1f", ".0%"), or a function from the value to a text or an inline piece.
CellFormat: TypeAlias = str | Callable[[Any], "str | Inline"]

NOT_STATED = "not stated"
NONE_OF_THEM = "none"
# From here on decimals are noise; below, three significant digits are shown.
_WHOLE_FROM = 1000


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell in its two forms."""

    html: str
    plain: str
    is_number: bool = False


_MISSING = Cell(html=f'<em class="not-stated">{NOT_STATED}</em>', plain=NOT_STATED)


def cell(value: Any, form: CellFormat | None = None) -> Cell:
    """The value as a cell: missing is "not stated", an empty tuple "none", True "yes"; a tuple is joined by "; ".

    `form` applies to every value that is not missing, and to each entry of a tuple.
    """
    if isinstance(value, (tuple, list, set, frozenset, np.ndarray)):
        return _joined(value, form)
    if _is_missing(value):
        return _MISSING
    return _single(value, form)


def _is_missing(value: Any) -> bool:
    return value is None or bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _joined(values: Any, form: CellFormat | None) -> Cell:
    unordered = isinstance(values, (set, frozenset))
    entries = [cell(value, form) for value in values]
    if unordered:
        entries.sort(key=lambda entry: entry.plain)
    if not entries:
        return Cell(html=NONE_OF_THEM, plain=NONE_OF_THEM)
    return Cell(html="; ".join(entry.html for entry in entries), plain="; ".join(entry.plain for entry in entries))


def _single(value: Any, form: CellFormat | None) -> Cell:
    is_number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    if callable(form):
        written = form(value)
    elif form is not None:
        written = format(value, form)
    elif isinstance(value, (str, Inline)):
        written = value
    else:
        written = _default_text(value)
    # Text is looked for first, here and above: to see that something is no Inline takes far longer.
    if not isinstance(written, str) and isinstance(written, Inline):
        return Cell(html=written.html(), plain=_one_line(written.plain()), is_number=is_number)
    return Cell(html=escape(written), plain=_one_line(clean_text(written)), is_number=is_number)


def _default_text(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(getattr(value, "label", value.value))
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return rounded(float(value))
    return str(value)


def rounded(value: float) -> str:
    """A number in three significant digits, whole numbers and numbers from 1000 on without decimals."""
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    short = f"{value:.3g}"
    is_whole = value == round(value) or abs(float(short)) >= _WHOLE_FROM
    return str(round(value)) if is_whole else short


def _one_line(text: str) -> str:
    return " ".join(text.split())
