"""Text that a spreadsheet program would run as a formula, made harmless and back again.

A text is marked with one apostrophe in front when its first character, blanks left aside, is one of `TRIGGERS`, or
when it begins with an apostrophe already. So every text that begins with an apostrophe in a file carries exactly one
mark, and taking off the first apostrophe gives the text back. The triggers are those of the OWASP page on CSV
injection (equals sign, plus, minus, at sign, tab, line breaks, and the full-width forms of the signs). Numbers are
never marked: -1.5 in a column of numbers stays a number.
"""

MARK = "'"
TRIGGERS = frozenset("=+-@\t\r\n＝＋－＠")
_BLANKS = " \u00a0\u3000"


def would_run(text: str) -> bool:
    """Whether a spreadsheet program may take the text for a formula."""
    return text.lstrip(_BLANKS)[:1] in TRIGGERS


def neutralised(text: str) -> str:
    """The text with an apostrophe in front where it needs one."""
    return MARK + text if text.startswith(MARK) or would_run(text) else text


def restored(text: str) -> str:
    """The inverse of `neutralised`."""
    return text.removeprefix(MARK)
