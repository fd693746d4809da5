"""Where the project's folders are, whichever folder a notebook or a command is started from."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence.faults import ExplainedError

ROOT_VARIABLE = "KRATOM_EVIDENCE_ROOT"
MARKER = Path("data") / "datapackage.json"


@dataclass(frozen=True, kw_only=True)
class Project:
    """The folders of one checkout."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        return self.root / "reports"


def find_project(start: Path | None = None) -> Project:
    """The checkout around `start` (default: the current folder).

    Looked for in this order: the folder named by the environment variable KRATOM_EVIDENCE_ROOT; `start` and the
    folders above it; the checkout that this package was installed from. The last one is what lets papermill run a
    notebook from anywhere.

    Raises:
        ExplainedError: no data/datapackage.json was found in any of them.
    """
    named = os.environ.get(ROOT_VARIABLE)
    if named:
        return Project(root=_named_root(named))
    here = (start or Path.cwd()).resolve()
    installed_from = Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, installed_from):
        if (folder / MARKER).is_file():
            return Project(root=folder)
    raise ExplainedError(
        f"No kratom-evidence data was found in {here} or above it. "
        f"Run the command inside a clone of the project, or set {ROOT_VARIABLE} to one."
    )


def _named_root(named: str) -> Path:
    try:
        root = Path(named).expanduser().resolve()
        found = (root / MARKER).is_file()
    except (OSError, RuntimeError, ValueError) as error:
        # A home that does not exist and a link to itself are RuntimeErrors.
        raise ExplainedError(f"{ROOT_VARIABLE} names {named[:200]}, which is no folder: {error}.") from None
    if not found:
        raise ExplainedError(f"{ROOT_VARIABLE} names {root}, but that folder has no {MARKER.as_posix()}.")
    return root


def data_fingerprint(data: Path) -> str:
    """The first 12 hexadecimal digits of a SHA-256 over every data file (name and content), in name order."""
    digest = hashlib.sha256()
    files = sorted(path for path in data.rglob("*") if path.suffix in {".csv", ".json", ".yaml"} and path.is_file())
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(data).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
