"""Results computed from the same data once, in a process that reports are forked from and in its copies.

Nothing is kept unless `remember` was called for the data: everywhere else a function computes whenever it is called,
and whoever changes a table in place gets what follows from the change. Only while such a function computes is each
result that it asks for kept, until it is done.
"""

import copy
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from kratom_evidence.collector import collector_paused

Data = TypeVar("Data")
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# id of the data -> the data, which must live as long as its id is used, and what was computed from them.
_memories: dict[int, tuple[Any, dict[Hashable, Any]]] = {}
# id of the data of some cases -> these data, those of all cases that they were taken from, and the cases.
_parts: dict[int, tuple[Any, Any, tuple[str, ...]]] = {}


def remember(data: object) -> None:
    """Keep from now on what functions marked `computed_once` compute from these data. Do not change them any more."""
    _memories.setdefault(id(data), (data, {}))


def remember_part(part: object, *, whole: object, case_ids: tuple[str, ...]) -> None:
    """These data are those of some cases of the whole. Nothing happens unless the whole is remembered."""
    if id(whole) in _memories:
        _parts[id(part)] = (part, whole, case_ids)


def forget(data: object) -> None:
    """Drop what was kept for these data and for their parts."""
    _memories.pop(id(data), None)
    for part in [part for part, whole, _ in _parts.values() if whole is data]:
        _memories.pop(id(part), None)
        del _parts[id(part)]


def memory_of(data: object) -> dict[Hashable, Any] | None:
    """What is kept for these data, to be added to; None when nothing is."""
    known = _memories.get(id(data))
    return None if known is None else known[1]


@contextmanager
def _remembered_meanwhile(data: object) -> Iterator[None]:
    """Remember the data for one call: within it they do not change, and its parts ask for the same results.

    What is kept for many cases is very many small values, among which the search for garbage is paused.
    """
    before = set(_memories)
    remember(data)
    try:
        with collector_paused():
            yield
    finally:
        for added in [kept for number, (kept, _) in list(_memories.items()) if number not in before]:
            forget(added)


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
            with _remembered_meanwhile(data):
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


def computed_by_case(
    function: Callable[Concatenate[Data, Parameters], Result],
) -> Callable[Concatenate[Data, Parameters], Result]:
    """As `computed_once`, for a table in which the rows of each case follow from that case alone.

    For some cases of remembered data their rows are taken from the table of all cases: judging a hundred cases together
    takes little longer than judging one. The result is a frame or series indexed by case_id, a frame with the column
    case_id, or a dictionary by case_id.
    """
    once = computed_once(function)

    @wraps(function)
    def computing(data: Data, /, *args: Parameters.args, **options: Parameters.kwargs) -> Result:
        known = _parts.get(id(data))
        if known is None:
            return once(data, *args, **options)
        _, whole, case_ids = known
        return cast("Result", _of_cases(once(cast("Data", whole), *args, **options), case_ids))

    return computing


def _of_cases(result: Any, case_ids: tuple[str, ...]) -> Any:
    if isinstance(result, dict):
        return {case_id: result[case_id] for case_id in case_ids}
    if result.index.name == "case_id":
        return result.loc[list(case_ids)]
    return result[result["case_id"].isin(case_ids)].reset_index(drop=True)
