"""What was read from a data folder before it is asked for, in a process that reports are forked from.

Everywhere else nothing is kept: whoever reads a folder twice gets two results that share nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from kratom_evidence.computed_once import forget, remember
from kratom_evidence.project import data_fingerprint

Result = TypeVar("Result")

# (function, folder) -> fingerprint of the folder and what the function read from it.
_kept: dict[tuple[Callable[[Path], Any], Path], tuple[str, Any]] = {}


def read_ahead(read: Callable[[Path], Result], folder: Path) -> Result:
    """Read the folder and keep the result for `kept_or_read`, until the folder's files change. It is remembered."""
    kept = _current(read, folder)
    if kept is not None:
        result: Result = kept[1]
        return result
    outdated = _kept.pop((read, folder.resolve()), None)
    if outdated is not None:
        forget(outdated[1])
    # Taken before reading: a file that changes meanwhile makes the result stale, not wrong.
    fingerprint = data_fingerprint(folder)
    result = read(folder)
    remember(result)
    _kept[read, folder.resolve()] = (fingerprint, result)
    return result


def kept_or_read(read: Callable[[Path], Result], folder: Path) -> Result:
    """What was read ahead, where the folder's files are still the same; else it is read now."""
    kept = _current(read, folder)
    if kept is None:
        return read(folder)
    result: Result = kept[1]
    return result


def _current(read: Callable[[Path], Any], folder: Path) -> tuple[str, Any] | None:
    kept = _kept.get((read, folder.resolve()))
    return kept if kept is not None and kept[0] == data_fingerprint(folder) else None
