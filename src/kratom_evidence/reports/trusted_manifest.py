"""A manifest of somebody else's folder, taken only when it is to the byte what this program writes, and its files.

`manifest.read_manifest` is for a folder that is written anew anyway. Here a stranger's folder is read: an unknown
field, a name that leads out of the folder or a link is refused, and nothing is ever opened through a link.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kratom_evidence.faults import ExplainedError, shorten
from kratom_evidence.reports.jobs import FAILED_FOLDER
from kratom_evidence.reports.manifest import MANIFEST, Manifest, UnusableManifestError, manifest_text, parsed_manifest
from kratom_evidence.reports.site_pages import SITE_FILES

# Bytes; the largest page has some hundred thousand.
LARGEST_FILE = 50_000_000
_REMEDY = "kratom-evidence report writes both anew."
# Where a system knows them: neither a link that was put there just now is followed, nor a pipe waited for.
_CAREFULLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A file of the folder: its bytes, or None and in `why` the reason in words. `there` tells whether one lies there.

    Bytes are read once, so that what is hashed is what is compared.
    """

    content: bytes | None
    there: bool
    why: str | None = None

    @property
    def hash(self) -> str | None:
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()


def trusted_manifest(out: Path) -> Manifest:
    """The manifest of a folder of pages.

    Raises:
        ExplainedError: there is none, or it is not what this program writes; the message names what it holds.
    """
    path = out / MANIFEST
    if not path.exists() and not path.is_symlink():
        raise ExplainedError(f"{out} has no {MANIFEST}, so nothing tells what its pages were made from. {_REMEDY}")
    found = found_file(out, MANIFEST)
    if found.content is None:
        raise _refused(path, str(found.why))
    try:
        manifest = parsed_manifest(path)
    except UnusableManifestError as why:
        raise _refused(path, str(why)) from None
    if manifest_text(manifest).encode("utf-8", "surrogatepass") != found.content:
        raise _refused(path, _foreign_part(manifest, found.content))
    _check_names(path, manifest)
    return manifest


def found_file(out: Path, name: str) -> FoundFile:
    """The file below the folder, read without following a link anywhere between the folder and it."""
    path = out
    for part in Path(name).parts:
        path = path / part
        if path.is_symlink():
            return FoundFile(content=None, there=True, why=f"{path.relative_to(out).as_posix()} is a link")
    try:
        content = _content(path)
    except (FileNotFoundError, NotADirectoryError):
        return FoundFile(content=None, there=False, why="it is missing")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return FoundFile(content=None, there=True, why=f"it cannot be read ({why})")
    return FoundFile(content=content, there=True)


def other_files(out: Path, known: frozenset[str]) -> Iterator[str]:
    """The files and links below the folder that are not `known`, sorted; hidden ones and failed notebooks left out."""
    for folder, folders, files in os.walk(out):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(
            name
            for name in folders
            if name not in links and not name.startswith(".") and (here != out or name != FAILED_FOLDER)
        )
        for name in sorted([*files, *links]):
            place = (here / name).relative_to(out).as_posix()
            if not name.startswith(".") and place not in known and place != MANIFEST:
                yield place


def _content(path: Path) -> bytes:
    descriptor = os.open(path, _CAREFULLY)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("no ordinary file")
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"more than {LARGEST_FILE} bytes")
    return content


def _refused(path: Path, why: str) -> ExplainedError:
    return ExplainedError(f"{path} is refused: {why}. Nothing was rendered. {_REMEDY}")


def _foreign_part(manifest: Manifest, content: bytes) -> str:
    """A field that a manifest does not have, or the first line that is not as this program writes it."""
    text = manifest_text(manifest)
    field = _unknown_field(json.loads(content), json.loads(text))
    if field is not None:
        return f"the field {shorten(field)!r} is not known"
    expected, found = text.encode("utf-8", "surrogatepass").splitlines(), content.splitlines()
    pairs = enumerate(zip(found, expected, strict=False))
    number = next((n for n, (one, other) in pairs if one != other), min(len(found), len(expected)))
    line = found[number].decode("utf-8", "replace").strip() if number < len(found) else ""
    return f"line {number + 1} is not what this program writes there: {shorten(line)!r}"


def _unknown_field(found: Any, expected: Any) -> str | None:
    """The first key of an object that the expected document does not have in that place."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key, value in found.items():
            below = key if key not in expected else _unknown_field(value, expected[key])
            if below is not None:
                return str(below)
    if isinstance(found, list) and isinstance(expected, list):
        pairs = zip(found, expected, strict=False)
        return next((field for one, other in pairs if (field := _unknown_field(one, other)) is not None), None)
    return None


def _check_names(path: Path, manifest: Manifest) -> None:
    """Every file once, and the pages over all reports by their own names."""
    names = [record.page for record in manifest.pages]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise _refused(path, f"{shorten(twice)!r} is listed twice")
    strange = sorted(manifest.site.keys() - set(SITE_FILES)) + sorted(set(names) & set(SITE_FILES))
    if strange:
        raise _refused(path, f"{shorten(strange[0])!r} is listed as what it is not")
