"""Writing files so that nobody ever reads half of one."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from kratom_evidence.faults import ExplainedError


def write_atomically(path: Path, text: str) -> None:
    """Write the text as UTF-8, with line feeds, as `write_bytes_atomically` does.

    Raises:
        ExplainedError: the folder or the file cannot be written.
    """
    write_bytes_atomically(path, text.encode())


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write the content beside `path` and move it there in one step, making folders where needed.

    Where `path` is a link, the file that it leads to is replaced, and the link stays.

    Raises:
        ExplainedError: the folder or the file cannot be written.
    """
    try:
        path = path.resolve() if path.is_symlink() else path
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".part")
    except (OSError, RuntimeError) as error:
        raise _unwritable(path, error) from None
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        # mkstemp makes files that only their owner may read; a report is for others too.
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def remove_with_empty_folders(path: Path, *, top: Path) -> None:
    """Remove the file, where it exists, and the folders between it and `top` that are then empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == top or not folder.is_relative_to(top):
            return
        # Not empty, not there, or just removed by another worker: all fine.
        with suppress(OSError):
            folder.rmdir()


def writable_folder(folder: Path) -> None:
    """Make the folder that --out names where it is missing, and see that files can be written into it.

    Raises:
        ExplainedError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error, "Choose another folder with --out, or mend its permissions.") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(
    path: Path, error: Exception, mend: str = "Mend the permissions of its folder, or make room there, and try again."
) -> ExplainedError:
    # Python before 3.13 says of links that lead in a circle that it is a RuntimeError.
    reason = error.strerror if isinstance(error, OSError) else "links that lead in a circle"
    return ExplainedError(f"{path} cannot be written: {reason or type(error).__name__}. {mend}")
