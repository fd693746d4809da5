"""Letters that were read in a wrong encoding: `MÃ¼ller` for `Müller`, `M?ller` when the letter was lost."""

import re

# Encodings in which spreadsheets and file converters misread UTF-8, the commonest first.
_MISREAD_AS = ("cp1252", "latin-1", "mac_roman", "cp437", "cp850", "cp1250", "cp1251")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]{2,}")
# A question mark ends a sentence or a bracket; in front of a letter or digit it stands for a character that was lost.
_LOST_CHARACTER = re.compile(r"\?(?=\w)")
_MOST_TIMES = 4
# Letters of western Europe and signs of typography and mathematics; two signs side by side can be Cyrillic by chance.
_LIKELY = re.compile("[\u00a0-\u024f\u2010-\u22ff]+")


def unscrambled(text: str) -> str | None:
    """The text that was probably meant when letters of `text` are UTF-8 read in another encoding; None otherwise."""
    mended = text
    for _ in range(_MOST_TIMES):
        before, mended = mended, _NOT_ASCII.sub(lambda run: _decoded(run.group()), mended)
        if mended == before:
            break
    return None if mended == text else mended


def has_lost_character(text: str) -> bool:
    """Whether a question mark stands where no sentence ends, as when a program could not write a character."""
    return "?" in text and _LOST_CHARACTER.search(text) is not None and "://" not in text


def _decoded(run: str) -> str:
    for encoding in _MISREAD_AS:
        try:
            meant = run.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if _LIKELY.fullmatch(meant):
            return meant
    return run
