"""What every command heeds when it prints: the width of a line, and terminals that cannot show a character."""

import io
import sys

WIDTH = 110


def visible(text: str) -> str:
    """The text with what cannot be printed written as an escape, so that a file cannot steer the terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def escape_what_cannot_be_shown() -> None:
    """A terminal that cannot show a character must not turn an answer into a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
