"""Rendering one report: papermill runs the template in a fresh process, the exporter makes the page."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from kratom_evidence.faults import ExplainedError, shorten
from kratom_evidence.files import remove_with_empty_folders, write_atomically
from kratom_evidence.project import ROOT_VARIABLE
from kratom_evidence.reports.engines import PLAIN, WARM
from kratom_evidence.reports.jobs import ReportJob

INDEX_PAGE = "index.html"
_START_TIMEOUT = 120  # seconds; a cold start on a busy machine takes ten
_LONGEST_ERROR = 2000
_SHOWN_LINES = 5
# The kernel's own log would go to the user's terminal: notices about its transport, the debugger and interrupts.
_KERNEL_ARGUMENTS = ["--IPKernelApp.log_level=CRITICAL"]
_KERNEL_ENVIRONMENT = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a report was not made.

    `cell` is the number that the notebook shows beside the cell, `source` the first lines of it, `notebook` the file
    with all outputs up to there. Each is None where there is none.
    """

    reason: str
    cell: int | None = None
    source: str | None = None
    notebook: Path | None = None

    def __str__(self) -> str:
        where = "" if self.cell is None else f"Cell [{self.cell}] failed: "
        lines = [f"{where}{self.reason}"]
        if self.source is not None:
            lines += [f"    | {line}" for line in self.source.splitlines()]
        if self.notebook is not None:
            lines.append(f"The notebook as far as it got: {self.notebook}")
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class RenderResult:
    """What became of a job: `failure` is None when its page was made."""

    job: ReportJob
    failure: Failure | None = None


class _CellError(Exception):
    """A cell failed; carries what is told about it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def render(job: ReportJob, *, scratch: Path | None = None, engine: str = WARM) -> RenderResult:
    """Make one page. A failure of the notebook or of the machinery is part of the result, so that others go on.

    A page that an earlier run left is removed when the job fails: it would pass for a page of this run. `scratch` is
    the folder for temporary files (default: that of the machine), `engine` one of `ENGINES`.
    """
    with tempfile.TemporaryDirectory(prefix="kratom-evidence-", dir=scratch, ignore_cleanup_errors=True) as folder:
        executed = Path(folder) / "executed.ipynb"
        try:
            _make_page(job, _executed(job, executed, engine))
        except _CellError as failed:
            failure = failed.failure
        except ExplainedError as error:
            failure = Failure(reason=str(error))
        # Whatever else goes wrong with one report must not take the others along.
        except Exception as error:
            failure = Failure(reason=f"{type(error).__name__}: {shorten(str(error), _LONGEST_ERROR)}")
        else:
            remove_with_empty_folders(job.failed_notebook, top=job.out)
            return RenderResult(job=job)
        return RenderResult(job=job, failure=_kept(job, failure, executed))


def _make_page(job: ReportJob, notebook: NotebookNode) -> None:
    from kratom_evidence.reports.html import notebook_page

    page = notebook_page(notebook, title=job.title, provenance=job.provenance, address=job.page, links=job.links)
    write_atomically(job.output, page)


def _executed(job: ReportJob, executed: Path, engine: str) -> NotebookNode:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError  # type: ignore[import-untyped]

    run = {WARM: _run_warm, PLAIN: _run_plain}[engine]
    try:
        with _quiet(), _environment(job, executed.parent):
            return run(job, executed)
    except PapermillExecutionError as error:
        raise _CellError(_failure_of(error.ename, error.evalue, error.exec_count, error.source)) from None
    except CellTimeoutError:
        reason = f"The cell took longer than {job.cell_timeout} seconds and was stopped."
        raise _CellError(_failure_in_last_cell(reason, executed)) from None
    except DeadKernelError:
        reason = "The process that ran the notebook died, most often because memory ran out. Try --jobs 1."
        raise _CellError(_failure_in_last_cell(reason, executed)) from None


def _run_plain(job: ReportJob, executed: Path) -> NotebookNode:
    import papermill  # type: ignore[import-untyped]

    notebook: NotebookNode = papermill.execute_notebook(
        _read(job.notebook),
        executed,
        parameters=dict(job.parameters),
        cwd=job.notebook.parent,
        progress_bar=False,
        execution_timeout=job.cell_timeout,
        start_timeout=_START_TIMEOUT,
        extra_arguments=_KERNEL_ARGUMENTS,
    )
    return notebook


def _run_warm(job: ReportJob, executed: Path) -> NotebookNode:
    from kratom_evidence.reports.papermill_steps import run_in_memory
    from kratom_evidence.reports.warm_engine import ENGINE_NAME
    from kratom_evidence.reports.warm_process import warm_up

    warm_up(job.root)
    return run_in_memory(
        job.notebook,
        executed,
        parameters=job.parameters,
        engine_name=ENGINE_NAME,
        execution_timeout=job.cell_timeout,
        autosave_cell_every=0,
        stopped_notebook=str(executed),
    )


def _read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def _failure_of(name: str, text: str, cell: int | None, source: str) -> Failure:
    explained = name in {"ExplainedError", "UsageError"}
    reason = text if explained else f"{name}: {text}"
    return Failure(reason=shorten(reason.strip(), _LONGEST_ERROR), cell=cell, source=_head(source))


def _failure_in_last_cell(reason: str, executed: Path) -> Failure:
    """The failure in the cell that was started last; papermill marks a cell as complete even when its kernel died."""
    if not executed.is_file():
        return Failure(reason=reason)
    code = [cell for cell in _read(executed).cells if cell.cell_type == "code"]
    started = [cell for cell in code if cell.metadata.get("papermill", {}).get("start_time")]
    if not started:
        return Failure(reason=reason)
    return Failure(reason=reason, cell=len(started), source=_head(started[-1].source))


def _head(source: str) -> str:
    lines = source.strip().splitlines()
    more = ["…"] if len(lines) > _SHOWN_LINES else []
    return "\n".join([*(shorten(line, 110) for line in lines[:_SHOWN_LINES]), *more])


def _kept(job: ReportJob, failure: Failure, executed: Path) -> Failure:
    """The failure with the place of its notebook, which is kept beside the reports."""
    job.output.unlink(missing_ok=True)
    if not executed.is_file():
        return failure
    try:
        write_atomically(job.failed_notebook, executed.read_text(encoding="utf-8"))
    except ExplainedError:
        return failure
    return replace(failure, notebook=job.failed_notebook)


@contextmanager
def _quiet() -> Iterator[None]:
    """Papermill's log is silent: what it has to say comes back in the result."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _environment(job: ReportJob, scratch: Path) -> Iterator[None]:
    """The kernel reads the same project as the command does, wherever the notebook lies.

    IPython keeps its own files in `scratch`: what lies in a user's home, or that there is none, is no matter of a page.
    """
    wanted = {**_KERNEL_ENVIRONMENT, ROOT_VARIABLE: str(job.root), "IPYTHONDIR": str(scratch)}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
