"""Which pages need not be made again: those that lie there as they were made, from what is there now.

Nothing is imported that takes time, so that a run with nothing to do ends at once.
"""

import hashlib
from pathlib import Path

from kratom_evidence.reports.inputs import Inputs, file_hash
from kratom_evidence.reports.manifest import Manifest
from kratom_evidence.reports.marks import input_mark, is_whole
from kratom_evidence.reports.request import ReportRequest


def all_unchanged(request: ReportRequest, inputs: Inputs, manifest: Manifest) -> bool:
    """Whether everything that is asked for lies there, made from these inputs, with the bytes that the manifest tells.

    A request for single subjects, or with parameters of its own, is never answered from the manifest alone.
    """
    wanted = set(request.kind_names)
    if request.force or not request.wants_whole_kinds or not wanted <= set(manifest.whole_kinds):
        return False
    if manifest.inputs_hash != inputs.all:
        return False
    return all(file_hash(request.out / name) == known for name, known in manifest.outputs.items())


def hash_if_current(page: Path, *, input_hash: str, recorded: str | None) -> str | None:
    """The hash of a page's bytes when it was made from these inputs and was not touched since; None otherwise.

    `recorded` is what the manifest tells of its bytes; None where it tells nothing, as after a run that was
    interrupted. Pages are written in one step, so that then the page's own mark is enough.
    """
    try:
        content = page.read_bytes()
    except OSError:
        return None
    found = hashlib.sha256(content).hexdigest()
    if input_mark(content) != input_hash or not is_whole(content):
        return None
    return found if recorded in {None, found} else None
