"""Pausing Python's search for garbage while very many small values are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for values that hold one another in a circle, until the end.

    The cells of a table never do. Each search goes through all that were read so far, so that time would grow faster
    than the number of cases. What is not held in a circle is freed at once all the same. In the end all that was made
    counts as old, so that the next search does not begin with it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            _let_all_be_old()
            gc.enable()


def _let_all_be_old() -> None:
    """Move every value to the oldest generation, where it is searched last. What another has frozen stays so."""
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()
