"""Reading files that somebody else wrote: only plain files of a sensible size, and JSON that can be read in one way.

A pipe would wait for ever, a device never end, and a file of many gigabytes fill the memory. JSON that repeats a key,
or holds NaN or a number beyond all bounds, means different things to different programs.
"""

import errno
import json
import math
import os
import re
import stat
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

MEGABYTE = 1_000_000
# No text file of this project comes near it.
LARGEST_FILE = 200 * MEGABYTE
DEEPEST_NESTING = 40
_LONGEST_NUMBER = 40
_BRACKET = re.compile(r"[\[\]{}]")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def read_plain_file(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """The bytes of a file.

    Raises:
        OSError: it cannot be read, is no plain file, or is larger than `largest` bytes; `strerror` says which.
    """
    # Without O_NONBLOCK, opening a pipe waits until somebody writes to it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as stream:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "It is a pipe, a device or the like, not a file", str(path))
        content = b"" if about.st_size > largest else stream.read(largest + 1)
        if about.st_size > largest or len(content) > largest:
            raise OSError(errno.EFBIG, f"It is larger than {largest / MEGABYTE:g} MB", str(path))
    return content


def parse_json(content: bytes) -> Any:
    """The document in UTF-8 (with or without a byte order mark).

    Raises:
        ValueError: it is not JSON, or it can be read in more than one way: a key that stands twice, NaN, a number
            without bounds, half of a character. Or it is nested deeper than any file here.
    """
    text = content.decode("utf-8-sig")
    _refuse_deep_nesting(text)
    document = json.loads(
        text, object_pairs_hook=_each_key_once, parse_constant=_no_number, parse_int=_whole, parse_float=_bounded
    )
    if "\\u" in text:
        _refuse_half_characters(document)
    return document


def _refuse_deep_nesting(text: str) -> None:
    """Counts brackets outside of texts, as the parser would open them."""
    outside_texts = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    deepest = max(accumulate(_STEP[bracket] for bracket in _BRACKET.findall(outside_texts)), default=0)
    if deepest > DEEPEST_NESTING:
        raise ValueError(f"lists and objects are nested {deepest} deep; {DEEPEST_NESTING} is the most that is read")


def _refuse_half_characters(document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ord(error.object[error.start])
        raise ValueError(f"a text holds half of a character (\\u{half:04x})") from None


def _each_key_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        again = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {again[:80]!r} stands twice in one object")
    return read


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number has {len(text)} digits")
    return int(text)


def _bounded(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:80]} is too large a number")
    return number
