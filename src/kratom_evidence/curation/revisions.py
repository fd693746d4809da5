"""The data as they stood in a git revision, written to a temporary folder. The checkout itself is never touched."""

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kratom_evidence.faults import ExplainedError, UsageError, shorten
from kratom_evidence.nearest import nearest_name

SHORT_HASH = 10


@dataclass(frozen=True, kw_only=True)
class RevisionData:
    """A data folder as it stood in a commit. `commit` is the full hash; `data` exists only inside the context."""

    revision: str
    commit: str
    data: Path


@contextmanager
def data_at_revision(revision: str, data: Path) -> Iterator[RevisionData]:
    """The data folder `data` of a checkout as it stood in a revision, in a folder that is removed afterwards.

    Raises:
        UsageError: `data` lies in no git checkout, or the revision does not exist there.
        ExplainedError: git is not installed or fails, or the revision has no data in that folder.
    """
    top, folder = _place_in_checkout(data, revision)
    commit = _commit(revision, top)
    content = _archive(revision, commit, top, folder)
    with tempfile.TemporaryDirectory(prefix="kratom-evidence-") as temporary:
        _unpack(content, Path(temporary))
        yield RevisionData(revision=revision, commit=commit, data=Path(temporary))


def _git(top: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            ["git", "-C", str(top), *arguments],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=_environment(),
        )
    except FileNotFoundError:
        raise ExplainedError(
            "git was not found, so no revision can be read. Install git, or name another data folder as BASE."
        ) from None
    except OSError as error:
        raise ExplainedError(f"git cannot be run: {error.strerror}.") from None


def _environment() -> dict[str, str]:
    """Messages in one language, because they are looked at; no waiting for a password; the checkout around the data.

    A hook is run with GIT_DIR set, and git would then take any folder for the top of the checkout.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"GIT_DIR", "GIT_WORK_TREE"}}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}


def _text(output: bytes) -> str:
    return output.decode("utf-8", errors="replace").strip()


def _refusal(done: "subprocess.CompletedProcess[bytes]") -> str:
    """What git said, in one line."""
    return shorten(" ".join(_text(done.stderr).split()), 300) or f"git ended with {done.returncode}"


def _place_in_checkout(data: Path, revision: str) -> tuple[Path, str]:
    """The top folder of the checkout, and the path of the data in it ("" when they are the top)."""
    done = _git(data, "rev-parse", "--show-toplevel", "--show-prefix")
    if done.returncode:
        if b"not a git repository" not in done.stderr:
            raise ExplainedError(f"git cannot read the checkout around {data}: {_refusal(done)}")
        raise UsageError(
            f"{data} does not lie in a git checkout, so there is no revision {revision!r} to compare with. "
            "Name another data folder as BASE, or run the command in a clone of the project."
        )
    # Nothing but the last line break is cut off: the name of a folder may begin or end with a space.
    top, folder = done.stdout.decode("utf-8", errors="surrogateescape").split("\n")[:2]
    return Path(top), folder.removesuffix("/")


def _commit(revision: str, top: Path) -> str:
    # git has no revision that begins with a hyphen, and would take it for an option.
    if revision and not revision.startswith("-") and "\0" not in revision:
        done = _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if not done.returncode:
            return _text(done.stdout)
    raise UsageError(_unknown_revision(revision, top))


def _unknown_revision(revision: str, top: Path) -> str:
    if _git(top, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        return f"{top} has no commit yet, so there is nothing to compare with. Name another data folder as BASE."
    listed = _text(
        _git(top, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes").stdout
    )
    names = sorted({"HEAD", *listed.splitlines()})
    near = nearest_name(revision, names)
    hint = f" Did you mean {near!r}?" if near else " List the branches and tags with: git branch --all; git tag"
    shallow = _text(_git(top, "rev-parse", "--is-shallow-repository").stdout) == "true"
    history = " The clone is shallow; git fetch --unshallow brings the older commits." if shallow else ""
    return f"BASE {shorten(revision)!r} is neither a revision of {top} nor a data folder.{hint}{history}"


def _archive(revision: str, commit: str, top: Path, folder: str) -> bytes:
    """The folder of a commit as a tar file."""
    tree = f"{commit}:{folder}"
    if _text(_git(top, "cat-file", "-t", tree).stdout) != "tree":
        raise ExplainedError(
            f"Revision {revision} ({commit[:SHORT_HASH]}) has no folder {folder}/. "
            f"Name a revision that has one: git log --oneline -- {folder}"
        )
    done = _git(top, "archive", "--format=tar", tree)
    if done.returncode:
        raise ExplainedError(f"git cannot read {folder}/ of revision {revision}: {_refusal(done)}")
    return done.stdout


def _unpack(content: bytes, target: Path) -> None:
    """Write the regular files. Links are left out, and so is a path that would lead out of the folder."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            file = archive.extractfile(member) if member.isfile() else None
            if file is None or path.is_absolute() or ".." in path.parts:
                continue
            place = target.joinpath(*path.parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read())
