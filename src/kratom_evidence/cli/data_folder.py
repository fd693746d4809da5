"""The folder of the data that a command was given, or that of the project."""

from pathlib import Path

from kratom_evidence.faults import UsageError
from kratom_evidence.nearest import nearest_name
from kratom_evidence.project import MARKER, find_project

CODEBOOK = MARKER.name


def chosen_data(named: Path | None) -> Path:
    """The folder named by --data; without one, data/ of the project.

    Raises:
        UsageError: the named one is no folder of data (see `data_folder`).
    """
    return find_project().data if named is None else data_folder(named, "--data")


def data_folder(path: Path, argument: str) -> Path:
    """The path, when it is a folder and the data are not one folder further down. It need not be complete.

    Raises:
        UsageError: it is none; the nearest name, or the folder below it that holds the data, is told.
    """
    folder = path.expanduser()
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        near = _nearest_folder(folder)
        hint = "" if near is None else f" Did you mean {str(near)!r}?"
        raise UsageError(f"{argument} {path}: the folder {what}.{hint}")
    if not (folder / CODEBOOK).exists() and (folder / "data" / CODEBOOK).is_file():
        raise UsageError(
            f"{argument} {path}: the data are one folder further down. Did you mean {str(path / 'data')!r}?"
        )
    return folder


def _nearest_folder(folder: Path) -> Path | None:
    """The folder beside the named one whose name is most like it."""
    try:
        name = nearest_name(folder.name, [other.name for other in folder.parent.iterdir() if other.is_dir()])
    except OSError:
        return None
    return None if name is None else folder.parent / name
