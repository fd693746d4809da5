"""Results computed from the same data once, in a process that reports are forked from and in its copies.

Nothing is kept unless `remember` was called for the data: everywhere else a function computes whenever it is called,
and whoever changes a table in place gets what follows from the change.
"""

import copy
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

Data = TypeVar("Data")
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# id of the data -> the data, which must live as long as its id is used, and what was computed from them.
_memories: dict[int, tuple[Any, dict[Hashable, Any]]] = {}


def remember(data: object) -> None:
    """Keep from now on what functions marked `computed_once` compute from these data. Do not change them any more."""
    _memories.setdefault(id(data), (data, {}))


def forget(data: object) -> None:
    """Drop what was kept for these data."""
    _memories.pop(id(data), None)


def memory_of(data: object) -> dict[Hashable, Any] | None:
    """What is kept for these data, to be added to; None when nothing is."""
    known = _memories.get(id(data))
    return None if known is None else known[1]


def computed_once(
    function: Callable[Concatenate[Data, Parameters], Result],
) -> Callable[Concatenate[Data, Parameters], Result]:
    """Mark a pure function of data and hashable options: for remembered data each result is computed once.

    Each caller gets a copy, so that none sees what another does to its table. Data made from remembered data are
    remembered too, and given out themselves.
    """

    @wraps(function)
    def computing(data: Data, /, *args: Parameters.args, **options: Parameters.kwargs) -> Result:
        memory = memory_of(data)
        if memory is None:
            return function(data, *args, **options)
        key = (function, args, tuple(sorted(options.items())))
        if key not in memory:
            memory[key] = function(data, *args, **options)
        result: Result = memory[key]
        if isinstance(result, type(data)):
            remember(result)
        else:
            result = copy.copy(result)
        return result

    return computing
