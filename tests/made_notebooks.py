"""Small notebooks for the tests of rendering, built cell by cell."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(source: str, *outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    cell = {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": list(outputs)}
    return {**cell, "execution_count": 1}


def shown(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """An output as `display` makes it."""
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def notebook(*cells: dict[str, Any]) -> NotebookNode:
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    made = {"cells": numbered, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}}
    node: NotebookNode = nbformat.from_dict({**made, "nbformat": 4, "nbformat_minor": 5})  # type: ignore[no-untyped-call]
    nbformat.validate(node)
    return node


def written(path: Path, *cells: dict[str, Any]) -> Path:
    """The notebook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(*cells), path)  # type: ignore[no-untyped-call]
    return path
