"""Run the analysis notebooks from top to bottom and keep their outputs, without times and versions.

Usage: python scripts/run_notebooks.py NOTEBOOK.ipynb …
A notebook that fails is named with its error and left as it was.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

# What the kernel and the client add on their own and what differs from machine to machine.
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def run(path: Path) -> str | None:
    """Run one notebook in its own folder; the error of the failing cell, or None."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook, kernel_name="python3", record_timing=False, resources={"metadata": {"path": str(path.parent)}}
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return str(error)
    notebook["metadata"] = nbformat.NotebookNode(  # type: ignore[no-untyped-call]
        kernelspec=KERNEL, language_info={"name": "python"}
    )
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    partial = path.with_suffix(".partial")
    nbformat.write(notebook, partial)  # type: ignore[no-untyped-call]
    partial.replace(path)
    return None


def main() -> int:
    """Run all notebooks named on the command line; 1 when one failed."""
    failed = False
    for name in sys.argv[1:]:
        error = run(Path(name))
        print(f"{name}: {'run' if error is None else error}", file=sys.stderr)
        failed |= error is not None
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
