"""A shell that runs the cells of one notebook in this process and tells what they show, as a Jupyter kernel would.

It is ipykernel's own shell, display hook and publisher, with a pipe in place of the kernel's sockets: what arrives at
the other end are the messages of the Jupyter protocol (https://jupyter-client.readthedocs.io/en/stable/messaging.html)
that a notebook is made of.
"""

import builtins
import io
import os
import sys
import tempfile
import threading
from functools import cache
from multiprocessing.connection import Connection
from typing import IO, Any, ClassVar

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config

from kratom_evidence.reports.cell_messages import REPLY, Message

# What a cell prints is sent on when so many characters wait, so that a flood does not fill the memory of this process.
_LONGEST_WAITING = 1 << 20
_INLINE_BACKEND = "module://matplotlib_inline.backend_inline"


class _PipeSession(Session):
    """A session of the Jupyter protocol that sends its messages through a pipe; `stream` is the pipe's end."""

    _lock: ClassVar[threading.Lock] = threading.Lock()

    def send(  # type: ignore[override]
        self, stream: Connection, msg_or_type: Message | str, content: Message | None = None, *_: Any, **__: Any
    ) -> None:
        """Send the kind and the content of the message as JSON."""
        if isinstance(msg_or_type, str):
            kind, said = msg_or_type, content
        else:
            kind, said = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        packed = self.pack([kind, said])
        # Cells may start threads.
        with self._lock:
            stream.send_bytes(packed)


class _CellStream(io.TextIOBase):
    """What cells print, with what was written past Python to the same file descriptor."""

    encoding = "utf-8"
    errors = "surrogateescape"

    def __init__(self, name: str, descriptor: int, session: _PipeSession, pipe: Connection) -> None:
        self.name = name
        self._descriptor = descriptor
        self._session = session
        self._pipe = pipe
        self._waiting: list[str] = []
        self._length = 0
        self._written: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        os.dup2(self._written.fileno(), descriptor)
        self.other: _CellStream | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str, /) -> int:
        """Keep the text until the next flush; what the other stream holds goes first, so that the order is kept."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.other is not None and self.other._waiting:
            self.other.flush()
        self._waiting.append(text)
        self._length += len(text)
        if self._length > _LONGEST_WAITING:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send on what waits."""
        texts, self._waiting, self._length = self._waiting, [], 0
        text = "".join(texts) + self._past_python()
        if text:
            self._session.send(self._pipe, "stream", {"name": self.name, "text": text})

    def _past_python(self) -> str:
        size = os.fstat(self._written.fileno()).st_size
        if not size:
            return ""
        os.lseek(self._written.fileno(), 0, os.SEEK_SET)
        read = self._written.read(size)
        # The same file is descriptor 1 or 2: the next one to write starts again at its beginning.
        os.lseek(self._written.fileno(), 0, os.SEEK_SET)
        os.ftruncate(self._written.fileno(), 0)
        return read.decode("utf-8", "replace")


class _CellShell(ZMQInteractiveShell):
    """The shell of a kernel, without the kernel."""

    wants_exit = False

    def ask_exit(self) -> None:
        """`exit` in a cell: nothing runs after that cell."""
        self.wants_exit = True


class CellRunner:
    """Runs cells one after the other in this process, which serves nothing else afterwards.

    It takes over standard input, output and error and the built-in `input` of the process.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._session = _PipeSession()
        self._streams = (
            _CellStream("stdout", 1, self._session, pipe),
            _CellStream("stderr", 2, self._session, pipe),
        )
        self._streams[0].other, self._streams[1].other = self._streams[1], self._streams[0]
        sys.stdout, sys.stderr = self._streams
        _close_input()
        self._shell = _connected(ready_shell(), self._session, pipe)
        # What its cells do is not for processes that they start.
        ready_shell.cache_clear()

    @property
    def wants_exit(self) -> bool:
        """Whether a cell asked that no further one runs."""
        return self._shell.wants_exit

    def run(self, source: str) -> None:
        """Run one cell. What it shows is sent while it runs, and its reply at the end."""
        begun = {"code": source, "execution_count": self._shell.execution_count}
        self._session.send(self._pipe, "execute_input", begun)
        result: ExecutionResult = self._shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        for stream in self._streams:
            stream.flush()
        self._session.send(self._pipe, REPLY, self._reply(result))

    def _reply(self, result: ExecutionResult) -> Message:
        counted = {"execution_count": self._shell.execution_count - 1}
        if result.success and not self._shell._last_traceback_during_displayhook:
            return {"status": "ok", **counted}
        error = result.error_before_exec if result.error_before_exec is not None else result.error_in_exec
        told = {"ename": type(error).__name__, "evalue": str(error), "traceback": self._shell._last_traceback or []}
        return {"status": "error", **counted, **told}


@cache
def ready_shell() -> _CellShell:
    """The shell of this process, with its figures shown inline: made once, and taken over by what is forked from here.

    Only for a process that does nothing else with IPython or matplotlib: both are set up for cells.
    """
    # A shell of the process that this one was forked from would be taken for this one's.
    InteractiveShell.clear_instance()
    settings = Config()
    # A history would be written by a thread to a file in the user's home.
    settings.HistoryManager.enabled = False
    shell: _CellShell = _CellShell.instance(config=settings, compiler_class=XCachingCompiler)
    _draw_inline(shell)
    return shell


def _connected(shell: _CellShell, session: _PipeSession, pipe: Connection) -> _CellShell:
    """The shell, which sends what it shows through the pipe."""
    senders: tuple[Any, Any] = (shell.displayhook, shell.display_pub)
    for sender in senders:
        sender.session = session
        sender.pub_socket = pipe
    return shell


def _close_input() -> None:
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - os.devnull is a name, not a path of the project
        os.dup2(nothing.fileno(), 0)
    builtins.input = _no_input


def _no_input(_prompt: object = "", /) -> str:
    raise StdinNotImplementedError("input was called, but a report is made without anybody to ask.")


def _draw_inline(shell: InteractiveShell) -> None:
    """Figures that a cell leaves open are shown at its end, as in a kernel. Matplotlib may be loaded already."""
    backend = os.environ.setdefault("MPLBACKEND", _INLINE_BACKEND)
    if "matplotlib" not in sys.modules:
        return
    import matplotlib as mpl
    from matplotlib._pylab_helpers import Gcf

    # What the process that this one was forked from has set for its own drawings, and those that it has open.
    mpl.rc_file_defaults()
    Gcf.destroy_all()
    mpl.use(backend)
    if backend == _INLINE_BACKEND:
        from IPython.core.pylabtools import activate_matplotlib
        from matplotlib_inline.backend_inline import configure_inline_support

        # What the backend does when it is imported within a shell; here it was imported before there was one.
        activate_matplotlib(backend)  # type: ignore[no-untyped-call]
        configure_inline_support(shell, backend)  # type: ignore[no-untyped-call]
