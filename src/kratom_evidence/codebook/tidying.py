"""What a spreadsheet or a file system changes about a text without changing what it says.

Unicode writes ü as one character or as u with a mark (macOS prefers the latter), and blanks at either end of a cell
cannot be seen. Such texts are read as what they show.
"""

import re
import unicodedata

# Zero-width space and joiner, direction marks, byte order mark and soft hyphen: nothing that anybody can see.
ZERO_WIDTH = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
_BLANKS_AT_THE_ENDS = re.compile(rf"\A[\s{ZERO_WIDTH}]+|[\s{ZERO_WIDTH}]+\Z")


def tidied(text: str) -> str:
    """The text in Unicode's composed form (NFC), without blanks at its ends."""
    if text.isascii():
        return text.strip()
    return _BLANKS_AT_THE_ENDS.sub("", unicodedata.normalize("NFC", text))
