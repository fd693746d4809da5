"""An earlier version of the tables, to compare the present ones with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence.curation.revisions import SHORT_HASH, data_at_revision
from kratom_evidence.faults import ExplainedError, UsageError


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The tables as they were: `name` says when, for people, and `files` holds their bytes by path.

    Where there is nothing to compare with, `files` is None and `missing` says why.
    """

    name: str = ""
    files: Mapping[str, bytes] | None = None
    missing: str = ""


def at_revision(revision: str, data: Path) -> Earlier:
    """The tables of a data folder as they stood in a git revision.

    Raises:
        UsageError: the folder lies in no git checkout, or the revision does not exist there.
        ExplainedError: git cannot be run, or the revision has no such folder.
    """
    with data_at_revision(revision, data) as found:
        files = {path.relative_to(found.data).as_posix(): path.read_bytes() for path in found.data.rglob("*.csv")}
        return Earlier(name=f"Commit {found.commit[:SHORT_HASH]}", files=files)


def last_commit(data: Path) -> Earlier:
    """The tables of a data folder as they were committed last, or why they cannot be had."""
    try:
        return at_revision("HEAD", data)
    except UsageError:
        return Earlier(missing="there is no commit to compare the numbers with")
    except ExplainedError as error:
        return Earlier(missing=f"the last commit cannot be read: {str(error).partition('. ')[0].rstrip('.')}")
