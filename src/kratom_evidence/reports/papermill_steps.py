"""Papermill's own steps for many runs of few templates: each template is read once, and only failures are written.

`papermill.execute_notebook` does the same for one run, but writes a notebook as JSON to read it, and writes the result
even where nobody asks for it, which takes as long as running a page.
"""

import copy
from collections.abc import Mapping
from contextlib import chdir
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from papermill.engines import papermill_engines  # type: ignore[import-untyped]
from papermill.execute import (  # type: ignore[import-untyped]
    prepare_notebook_metadata,
    raise_for_execution_errors,
    remove_error_markers,
)
from papermill.iorw import load_notebook_node  # type: ignore[import-untyped]
from papermill.parameterize import parameterize_notebook  # type: ignore[import-untyped]


def run_in_memory(
    template: Path, failed: Path, *, parameters: Mapping[str, Any], engine_name: str, **settings: Any
) -> NotebookNode:
    """The template with these parameters, executed in its folder by a registered engine.

    A notebook with a cell that failed is written to `failed`. `settings` are those of the engine.

    Raises:
        PapermillExecutionError: a cell failed.
        OSError: the template cannot be read.
    """
    notebook = copy.deepcopy(_parsed(template.read_text(encoding="utf-8")))
    notebook = parameterize_notebook(notebook, dict(parameters), engine_name=engine_name)
    notebook = remove_error_markers(prepare_notebook_metadata(notebook, str(template), str(failed)))
    kernel_name = papermill_engines.nb_kernel_name(engine_name=engine_name, nb=notebook)
    with chdir(template.parent):
        executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
            engine_name, notebook, kernel_name=kernel_name, output_path=None, progress_bar=False, **settings
        )
    raise_for_execution_errors(executed, str(failed))
    return executed


@lru_cache(maxsize=8)
def _parsed(text: str) -> NotebookNode:
    """The notebook as papermill reads it. It is given to one caller after the other: copy it before changing it."""
    notebook: NotebookNode = load_notebook_node(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]
    return notebook
