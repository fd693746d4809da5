"""One process for one notebook: started fresh, given one cell at a time, and gone with everything it started.

The process is forked from this one, with all that this one has loaded, or spawned where forking is not safe.
"""

import multiprocessing
import os
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from kratom_evidence.reports.cell_messages import REPLY, Message

FORK = "fork"
SPAWN = "spawn"
# Seconds. How often it is looked whether a silent process still lives, and how long it may take to end by itself.
_LOOK_EVERY = 0.5
_TIME_TO_END = 2.0
# The first message of the process.
_READY = "ready"


class ProcessDiedError(Exception):
    """The process ended before its cell did."""


class TookTooLongError(Exception):
    """The cell did not end in the time that it was given."""


def start_method() -> str:
    """How a process is started: `FORK` where that is safe, else `SPAWN`.

    A fork copies one thread only, so locks that others hold would stay locked in the copy. On macOS system libraries
    may crash in a forked process, says the documentation of multiprocessing.
    """
    safe = hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1
    return FORK if safe else SPAWN


class CellProcess:
    """A process that runs cells. Use it in a `with` block: at its end the process is gone."""

    def __init__(self, method: str | None = None) -> None:
        context: Any = multiprocessing.get_context(method or start_method())
        ours, theirs = context.Pipe()
        self._pipe: Connection = ours
        self._is_ready = False
        # Not a daemon: cells may start processes of their own.
        self._process = context.Process(target=_serve, args=(theirs, ours), name="report", daemon=False)
        try:
            self._process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self.close(at_once=kind is not None)

    def run(self, source: str, *, timeout: float | None) -> Iterator[tuple[str, Message]]:
        """Run one cell and give its messages, kind and content, as they come; the last one is its reply.

        The time of the first cell begins when the process is ready for it.

        Raises:
            ProcessDiedError: the process ended before the cell did.
            TookTooLongError: the cell took longer than `timeout` seconds.
        """
        from jupyter_client.session import json_unpacker

        try:
            self._await_start()
            deadline = None if timeout is None else time.monotonic() + timeout
            self._pipe.send(source)
            while True:
                self._wait(deadline)
                kind, content = json_unpacker(self._pipe.recv_bytes())
                yield kind, content
                if kind == REPLY:
                    return
        except (EOFError, OSError):
            raise ProcessDiedError from None

    def _await_start(self) -> None:
        """Until the process has said that it is ready."""
        if not self._is_ready:
            self._wait(None)
            self._is_ready = self._pipe.recv() == _READY

    def _wait(self, deadline: float | None) -> None:
        """Until a message is there."""
        while True:
            left = _LOOK_EVERY if deadline is None else min(_LOOK_EVERY, deadline - time.monotonic())
            alive = self._process.is_alive()
            if self._pipe.poll(max(left, 0)):
                return
            # Looked at before the pipe: what it sent just before its end is still read.
            if not alive:
                raise ProcessDiedError
            if left <= 0:
                raise TookTooLongError

    def close(self, *, at_once: bool = False) -> None:
        """End the process and everything that it started."""
        self._pipe.close()
        if not at_once:
            self._process.join(_TIME_TO_END)
        self._kill()
        self._process.join()
        self._process.close()

    def _kill(self) -> None:
        # Its own processes are of its group, which exists until the last of them is gone.
        if hasattr(os, "killpg") and self._process.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()


def _serve(pipe: Connection, other_end: Connection) -> None:
    """Run the cells that come through the pipe until it is closed. What the new process does."""
    # A copy of the other end that stays open here would hide that the other process is gone.
    other_end.close()
    if hasattr(os, "setsid"):
        # A group of its own: Ctrl-C reaches the process that started this one, which ends this one.
        os.setsid()
    _forget_the_host()
    _end_with_the_host(pipe)
    from kratom_evidence.reports.cell_shell import CellRunner

    runner = CellRunner(pipe)
    with suppress(EOFError, OSError):
        pipe.send(_READY)
        while not runner.wants_exit:
            runner.run(pipe.recv())


def _forget_the_host() -> None:
    """Undo what a copy of a process has in common with it by chance."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if not sys.warnoptions:
        _default_warnings()
    if "numpy.random" in sys.modules:
        import numpy as np

        # Python seeds its own generator anew after a fork, numpy does not.
        np.random.seed()  # noqa: NPY002 - the generator that notebooks may use


def _default_warnings() -> None:
    """The filters of a Python that was just started (documentation of `warnings`, Default Warning Filter)."""
    warnings.resetwarnings()
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", category)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")


def _end_with_the_host(pipe: Connection) -> None:
    """End this process and its own when the other end of the pipe is closed while a cell still runs."""
    if not hasattr(select, "poll"):
        return
    poll = select.poll()
    # No event is asked for: only the end of the connection is reported, and nothing is read.
    poll.register(pipe.fileno(), 0)

    def watch() -> None:
        poll.poll()
        time.sleep(_TIME_TO_END)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="end-with-the-host", daemon=True).start()
