"""A papermill engine that runs a notebook in a fresh process forked from this one, with all that is loaded here.

Papermill knows it as `kratom_evidence_warm`: `papermill --engine kratom_evidence_warm IN OUT`. Messages of the cells
are put into the notebook by nbclient, as those of a kernel are.
"""

from typing import Any

from ipykernel.ipkernel import IPythonKernel
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg
from papermill.clientwrap import PapermillNotebookClient  # type: ignore[import-untyped]
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines  # type: ignore[import-untyped]
from papermill.iorw import write_ipynb  # type: ignore[import-untyped]
from papermill.log import logger  # type: ignore[import-untyped]

from kratom_evidence.reports.cell_messages import REPLY
from kratom_evidence.reports.cell_process import CellProcess, ProcessDiedError, TookTooLongError

ENGINE_NAME = "kratom_evidence_warm"


class WarmEngine(Engine):  # type: ignore[misc]
    """Runs each notebook in a process of its own, forked from this one or spawned where forking is not safe."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        execution_timeout: float | None = None,
        stopped_notebook: str | None = None,
        start_method: str | None = None,
        **_: Any,
    ) -> None:
        """Run the cells of `nb_man.nb`; arguments as for papermill's own engine, with these of its own.

        `stopped_notebook` is where the notebook is written when its process dies or a cell takes too long;
        `start_method` is "fork" or "spawn", by default what is safe here. A process is not a kernel, so
        `kernel_name` changes nothing.

        Raises:
            DeadKernelError: the process died.
            CellTimeoutError: a cell took too long.
        """
        client = _WarmClient(
            nb_man,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            timeout=None if execution_timeout is None else int(execution_timeout),
            kernel_name=kernel_name,
            record_timing=False,
        )
        try:
            client.run_in_new_process(start_method)
        except (DeadKernelError, CellTimeoutError):
            if stopped_notebook is not None:
                write_ipynb(nb_man.nb, stopped_notebook)
            raise


class _WarmClient(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client with a process in place of a kernel."""

    process: CellProcess

    def run_in_new_process(self, start_method: str | None) -> None:
        """Run all cells in a fresh process."""
        self.reset_execution_trackers()
        with CellProcess(start_method) as self.process:
            self.papermill_execute_cells()
        self.nb.metadata["language_info"] = dict(IPythonKernel.language_info)

    def execute_cell(self, cell: NotebookNode, cell_index: int) -> NotebookNode:
        """Run one cell and put what it shows into it.

        Raises:
            CellExecutionError: the cell raised an exception.
            DeadKernelError: the process died.
            CellTimeoutError: the cell took too long.
        """
        skipped = self.skip_cells_with_tag in cell.metadata.get("tags", [])
        if cell.cell_type != "code" or skipped or not cell.source.strip():
            return cell
        self.code_cells_executed += 1
        cell.outputs = []
        self.clear_before_next_output = False
        timeout = self._get_timeout(cell)
        try:
            for kind, content in self.process.run(cell.source, timeout=timeout):
                if kind == REPLY:
                    self._raise_error(cell, content)
                else:
                    message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}, "content": content}
                    self.process_message(message, cell, cell_index)
        except ProcessDiedError:
            raise DeadKernelError("Kernel died") from None
        except TookTooLongError:
            raise CellTimeoutError.error_from_timeout_and_cell(
                "Cell execution timed out", int(timeout or 0), cell
            ) from None
        return cell

    def _raise_error(self, cell: NotebookNode, reply: dict[str, Any]) -> None:
        may_fail = self.allow_errors or "raises-exception" in cell.metadata.get("tags", [])
        if reply["status"] == "error" and not may_fail:
            raise CellExecutionError.from_cell_and_msg(cell, reply)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Add an output to those of the cell. What is printed in several pieces becomes one output."""
        last = outs[-1] if outs and not self.clear_before_next_output else {}
        content = msg["content"]
        if msg["msg_type"] == last.get("output_type") == "stream" and last["name"] == content["name"]:
            last["text"] += content["text"]
            piece: NotebookNode = output_from_msg(msg)  # type: ignore[no-untyped-call]
            return piece
        added: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
        return added


papermill_engines.register(ENGINE_NAME, WarmEngine)
