"""What a machine needs to render the reports of the project, packed: exactly the files that are hashed as inputs."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from kratom_evidence import __version__
from kratom_evidence.faults import ExplainedError
from kratom_evidence.project import Project
from kratom_evidence.reports.inputs import LOCK, PACKAGE, Inputs, program_files

# The package as installed: where it is unpacked, its version is the same as here.
_METADATA = f"src/kratom_evidence-{__version__}.dist-info/METADATA"


def packed(project: Project, inputs: Inputs) -> bytes:
    """A ZIP file with the package below src/, the templates, the data and the lock, as in a checkout.

    Raises:
        ExplainedError: a file cannot be read.
    """
    stream = io.BytesIO()
    try:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in _files(project, inputs):
                archive.writestr(name, path.read_bytes())
            archive.writestr(_METADATA, f"Metadata-Version: 2.1\nName: kratom-evidence\nVersion: {__version__}\n")
    except OSError as error:
        raise ExplainedError(f"{error.filename} cannot be read: {error.strerror}. Check its permissions.") from None
    return stream.getvalue()


def _files(project: Project, inputs: Inputs) -> Iterator[tuple[str, Path]]:
    for path in sorted(program_files(PACKAGE)):
        yield f"src/{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}", path
    for name in inputs.notebooks:
        yield f"notebooks/reports/{name}", project.notebooks / "reports" / name
    for name in inputs.data:
        yield f"data/{name}", project.data / name
    if inputs.lock is not None:
        yield LOCK, project.root / LOCK
