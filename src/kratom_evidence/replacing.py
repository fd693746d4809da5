"""Replacing several files as one: either all of them are replaced, or none, wherever the program is stopped.

The new files are first written into a folder of their own, and giving that folder its final name is the moment at
which the change is decided. A change that was decided but not finished is finished by the next command; one that was
not decided is thrown away.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kratom_evidence.faults import ExplainedError

LOCK_FILE = ".lock"
_DECIDED = ".pending"
_PREPARED = ".pending.part"
_JOURNAL = "journal"
BUSY = "Another command is writing into the data."


def replace_files(data: Path, files: Mapping[str, str]) -> None:
    """Replace the files (path in the data folder -> text) as one. The lock of the folder must be held.

    Where a path is a link, the file that it leads to is replaced, and the link stays.

    Raises:
        ExplainedError: the folder cannot be written; nothing was replaced then.
    """
    if not files:
        return
    prepared = data / _PREPARED
    try:
        shutil.rmtree(prepared, ignore_errors=True)
        prepared.mkdir()
        journal = [_prepare(data, prepared, number, path, text) for number, (path, text) in enumerate(files.items())]
        _write(prepared / _JOURNAL, json.dumps(journal).encode())
        prepared.rename(data / _DECIDED)
    except OSError as error:
        shutil.rmtree(prepared, ignore_errors=True)
        raise ExplainedError(
            f"{data} cannot be written: {error.strerror or type(error).__name__}. Nothing was changed."
        ) from None
    finish_pending(data)


def finish_pending(data: Path) -> bool:
    """Finish a change that was decided before the program was stopped, and clear away one that was not.

    The lock of the folder must be held. Returns whether a change was finished.

    Raises:
        ExplainedError: a file was changed by somebody else in between, or cannot be replaced.
    """
    shutil.rmtree(data / _PREPARED, ignore_errors=True)
    decided = data / _DECIDED
    if not decided.is_dir():
        return False
    journal = _read_journal(decided)
    if journal is None:
        # Only clearing it away was interrupted: the journal is removed first, after all files were replaced.
        shutil.rmtree(decided, ignore_errors=True)
        return False
    for step in journal:
        _refuse_third_state(data, step)
    try:
        for step in journal:
            if (decided / step["file"]).exists():
                (decided / step["file"]).replace((data / step["path"]).resolve())
        (decided / _JOURNAL).unlink()
    except OSError as error:
        raise ExplainedError(
            f"{data} cannot be written: {error.strerror or type(error).__name__}. "
            "The change is kept in data/.pending; the next kratom-evidence add finishes it."
        ) from None
    shutil.rmtree(decided, ignore_errors=True)
    return True


def _prepare(data: Path, prepared: Path, number: int, path: str, text: str) -> dict[str, str]:
    target = (data / path).resolve()
    if target.parent.stat().st_dev != prepared.stat().st_dev:
        raise OSError(
            errno.EXDEV, f"{path} leads to another file system, {target}, where it cannot be replaced in one step"
        )
    name = f"{number}.new"
    content = text.encode("utf-8")
    _write(prepared / name, content)
    (prepared / name).chmod(target.stat().st_mode & 0o777)
    return {"path": path, "file": name, "old": _digest(target.read_bytes()), "new": _digest(content)}


def _read_journal(decided: Path) -> list[dict[str, str]] | None:
    try:
        steps = json.loads((decided / _JOURNAL).read_bytes())
        return [{key: str(step[key]) for key in ("path", "file", "old", "new")} for step in steps]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ExplainedError(f"{decided / _JOURNAL} cannot be read ({error}). Remove the folder {decided}.") from None


def _refuse_third_state(data: Path, step: Mapping[str, str]) -> None:
    """A file that is neither the old nor the new one was edited since; replacing it would lose that."""
    parts = Path(step["path"]).parts
    outside = Path(step["path"]).is_absolute() or ".." in parts or "/" in step["file"]
    present = None
    with suppress(OSError):
        present = _digest((data / step["path"]).read_bytes())
    if outside or present not in {step["old"], step["new"]}:
        raise ExplainedError(
            f"An earlier command was stopped while it replaced {step['path']}, and the file was changed since. "
            f"Look at both, put right what is needed, and remove the folder {data / _DECIDED}."
        )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
