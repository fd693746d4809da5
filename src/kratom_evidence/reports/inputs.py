"""Everything that pages are made from, as hashes: data, notebooks, program, lock and libraries.

Nothing is imported that takes time: these hashes are taken before anything else is done.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kratom_evidence import __version__
from kratom_evidence.faults import ExplainedError
from kratom_evidence.project import Project

PACKAGE = Path(__file__).resolve().parents[1]
LOCK = "requirements.lock"
_DATA_ENDINGS = frozenset({".csv", ".json", ".yaml"})
# A page depends on what these make of it; libraries that only run a notebook or read a cell are held by the lock.
_LIBRARIES = ("beautifulsoup4", "jinja2", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "scipy")
# What a commit is compared with, to see whether the pages were made from exactly that commit.
_COMMITTED = ("data", "notebooks", "src", LOCK)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """SHA-256 hashes of all that pages are made from.

    `data` holds the files below data/ and `notebooks` the templates, each by its name; `program` is one hash over the
    package; `lock` is None where there is no lock; `libraries` holds versions, Python's among them.
    """

    data: Mapping[str, str]
    notebooks: Mapping[str, str]
    program: str
    program_version: str
    lock: str | None
    libraries: Mapping[str, str]

    @cached_property
    def beside_the_data(self) -> str:
        """One hash over all that every page depends on, whichever data it reads and whichever notebook makes it."""
        return digest([self.program, self.program_version, self.lock, self.libraries])

    @cached_property
    def all(self) -> str:
        """One hash over everything."""
        return digest(asdict(self))


def read_inputs(project: Project) -> Inputs:
    """The hashes of the project as it is now.

    Raises:
        ExplainedError: a file cannot be read.
    """
    try:
        return Inputs(
            data=_hashes(project.data, _data_files(project.data)),
            notebooks=_hashes(project.notebooks / "reports", sorted((project.notebooks / "reports").glob("*.ipynb"))),
            program=_program_hash(),
            program_version=__version__,
            lock=_lock_hash(project.root / LOCK),
            libraries=_library_versions(),
        )
    except OSError as error:
        raise ExplainedError(f"{error.filename} cannot be read: {error.strerror}. Check its permissions.") from None


def digest(document: Any) -> str:
    """The SHA-256 of what can be written as JSON; the order of keys does not matter."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def file_hash(path: Path) -> str | None:
    """The SHA-256 of a file; None when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def commit(project: Project) -> str | None:
    """The commit that is checked out, with a "+" behind it when data, notebooks, package or lock differ from it.

    None where the project is not the top folder of a git repository, or there is no git.
    """
    found = _git(project.root, "rev-parse", "--show-toplevel", "HEAD")
    if found is None:
        return None
    top, _, head = found.partition("\n")
    if Path(top).resolve() != project.root.resolve():
        return None
    changed = _git(project.root, "status", "--porcelain", "--", *_COMMITTED)
    return head if not changed else f"{head}+"


def _git(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _data_files(data: Path) -> list[Path]:
    return sorted(path for path in data.rglob("*") if path.suffix in _DATA_ENDINGS and path.is_file())


def _hashes(folder: Path, files: list[Path]) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _program_hash() -> str:
    return digest(_hashes(PACKAGE, sorted(program_files(PACKAGE))))


def program_files(package: Path) -> Iterator[Path]:
    """The modules and templates of the package; neither what Python compiles nor what an editor leaves."""
    for path in package.rglob("*"):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.relative_to(package).parts)
        if path.is_file() and not hidden:
            yield path


def _lock_hash(lock: Path) -> str | None:
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None


@cache
def _library_versions() -> dict[str, str]:
    versions = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "missing"
    return versions
