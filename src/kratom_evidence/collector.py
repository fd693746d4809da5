"""Pausing Python's search for garbage while very many small values are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for values that hold one another in a circle, until the end.

    The cells of a table never do. Each search goes through all that were read so far, so that time would grow faster
    than the number of cases. What is not held in a circle is freed at once all the same.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
