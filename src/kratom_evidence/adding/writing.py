"""From answers to files: read under the lock, put the case in, check the result, and only then replace the files."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kratom_evidence.codebook import CODEBOOK_FILE, read_codebook
from kratom_evidence.curation import validate
from kratom_evidence.curation.insertion import cannot_take_a_row
from kratom_evidence.curation.new_case_rows import Addition
from kratom_evidence.dataset import Readings, read_tables
from kratom_evidence.dataset.needed_codebook import KEYS
from kratom_evidence.faults import ExplainedError, Fault
from kratom_evidence.locking import locked
from kratom_evidence.replacing import BUSY, LOCK_FILE, finish_pending, replace_files

Planner = Callable[[Readings, Mapping[str, str]], Addition]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A finished change: what it was, and the text of each file that it replaced."""

    addition: Addition
    before: Mapping[str, str]


def planned(data: Path, plan: Planner) -> Addition:
    """The addition as it would be written now, with the faults that the checked result would have. Writes nothing."""
    readings = read_tables(data)
    texts = texts_of(data, readings)
    return _checked(_unless_unfit(plan(readings, texts), readings, texts), data)


def write(data: Path, plan: Planner) -> Written:
    """Make the addition from the files as they are under the lock, check it, and replace the files as one.

    Raises:
        ExplainedError: the addition has faults (nothing was changed), or the folder cannot be written.
    """
    with locked(data / LOCK_FILE, busy=BUSY):
        finish_pending(data)
        readings = read_tables(data)
        texts = texts_of(data, readings)
        made = _checked(_unless_unfit(plan(readings, texts), readings, texts), data)
        if made.faults:
            raise ExplainedError("The case was not written.", made.faults)
        # The check takes a while, and a spreadsheet program takes no lock.
        if texts_of(data, readings) != texts:
            raise ExplainedError("A data file was changed while the case was checked. Nothing was written; try again.")
        replace_files(data, made.files)
    return Written(addition=made, before={path: texts[path] for path in made.files})


def repaired(data: Path) -> bool:
    """Finish what a command that was stopped had decided; says whether there was anything."""
    if not any((data / name).exists() for name in (".pending", ".pending.part")):
        return False
    with locked(data / LOCK_FILE, busy=BUSY):
        return finish_pending(data)


def texts_of(data: Path, readings: Readings) -> dict[str, str]:
    """The text of every table and bibliography, line ends as they are.

    Raises:
        ExplainedError: a file is missing or is not UTF-8.
    """
    texts = {}
    for table in readings.codebook.tables:
        try:
            texts[table.path] = (data / table.path).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            raise ExplainedError(
                f"{table.path} cannot be read. Run: kratom-evidence validate", readings.faults
            ) from None
    return texts


@contextmanager
def data_with(data: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """A temporary copy of the data in which some files have another text."""
    with tempfile.TemporaryDirectory(prefix="kratom-evidence-") as folder:
        copy = Path(folder) / "data"
        for path in (CODEBOOK_FILE, *(table.path for table in read_codebook(data).tables)):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            if path in files:
                (copy / path).write_bytes(files[path].encode("utf-8"))
            elif (data / path).is_file():
                shutil.copyfile(data / path, copy / path)
        yield copy


def _unless_unfit(made: Addition, readings: Readings, texts: Mapping[str, str]) -> Addition:
    """The addition, or a fault for each file that is read rightly but written so that no row can be put into it."""
    if made.faults:
        return made
    tables = [table for table in readings.codebook.tables if table.path in made.files and table.format == "csv"]
    obstacles = {table.path: cannot_take_a_row(texts[table.path], KEYS[table.name][0]) for table in tables}
    faults = tuple(
        Fault(
            code="A111",
            file=path,
            why=f"The file {obstacle}. It can be read, but no row can be added to it in that form.",
            mend="Restore its form: kratom-evidence validate --fix --write. The answers are kept.",
        )
        for path, obstacle in obstacles.items()
        if obstacle is not None
    )
    return replace(made, faults=faults)


def _checked(made: Addition, data: Path) -> Addition:
    """The addition with the faults of the data as they would be with it."""
    if made.faults:
        return made
    with data_with(data, made.files) as copy:
        faults = validate(copy).faults
    if not faults:
        return made
    before = {_without_row(fault) for fault in validate(data).faults}
    if all(_without_row(fault) in before for fault in faults):
        fault = Fault(
            code="A106",
            file="data",
            why=f"The data had {len(faults)} faults before the case was added; a file with faults is not written to.",
            mend="Mend them first: kratom-evidence validate. The answers are kept.",
        )
        return replace(made, faults=(fault,))
    return replace(made, faults=tuple(fault for fault in faults if _without_row(fault) not in before))


def _without_row(fault: Fault) -> Fault:
    return replace(fault, row=None)
