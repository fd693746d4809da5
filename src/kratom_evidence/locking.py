"""One writer at a time: two commands that write into the same folder take turns."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kratom_evidence.faults import ExplainedError

_NOTICE_AFTER = 1.0  # seconds of waiting after which the user is told why nothing happens
_LONGEST_WAIT = 600.0


@contextmanager
def locked(lock_file: Path, *, busy: str, longest_wait: float = _LONGEST_WAIT) -> Iterator[None]:
    """Hold the lock of `lock_file`; wait for another process that holds it, at most `longest_wait` seconds.

    `busy` is the sentence that tells the waiting user what the other process does. The operating system frees the lock
    when its holder dies, so none is ever left behind. The empty file itself stays.

    Raises:
        ExplainedError: the wait was too long, or the file cannot be made.
    """
    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_file)
        try:
            lock.acquire(timeout=min(_NOTICE_AFTER, longest_wait))
        except Timeout:
            print(f"kratom-evidence: {busy} Waiting for it to end.", file=sys.stderr)
            lock.acquire(timeout=max(0.0, longest_wait - _NOTICE_AFTER))
    except Timeout:
        raise ExplainedError(
            f"{busy} It did not end within {longest_wait:.0f} seconds. End that process, then try again."
        ) from None
    except OSError as error:
        raise ExplainedError(f"{lock_file} cannot be made: {error.strerror or type(error).__name__}.") from None
    try:
        yield
    finally:
        lock.release()
