"""The cells of a template notebook called on a page, without a kernel, so that many pages can be looked at quickly."""

import json
import re
from pathlib import Path
from typing import Any

from kratom_evidence.presentation import ReportFigure

_CALL = re.compile(r"(\w+)\.(\w+)\(\)")


def calls(notebook: Path) -> list[tuple[str, str]]:
    """The (object, method) of every code cell of a template: one call, or imports that end with one."""
    found = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        lines = "".join(cell["source"]).strip().splitlines()
        if cell["cell_type"] != "code" or "parameters" in cell["metadata"].get("tags", []):
            continue
        match = _CALL.fullmatch(lines[-1])
        assert match and (len(lines) == 1 or lines[0].startswith("from kratom_evidence")), lines
        found.append((match[1], match[2]))
    return found


def shown(notebook: Path, objects: dict[str, Any], form: str, *, figures: bool = False) -> str:
    """Everything that the cells show, in the form text/plain or text/html; drawing is left out unless asked for."""
    parts = []
    for name, method in calls(notebook):
        if "figure" in method and not figures:
            continue
        result = getattr(objects[name], method)()
        if isinstance(result, ReportFigure):
            parts += [result.explanation()[0][form], result.alt]
        else:
            parts.append(result if isinstance(result, str) else result._repr_mimebundle_()[form])
    return "\n\n".join(parts)
