"""Results that are computed once: within one call always, beyond it only for data that were remembered."""

import pytest

from kratom_evidence.computed_once import computed_once, memory_of, remember_part

calls: list[str] = []


@computed_once
def total(data: list[int]) -> int:
    calls.append("total")
    return sum(data)


@computed_once
def shares(data: list[int]) -> list[float]:
    return [number / total(data) for number in data]


@computed_once
def without_smallest(data: list[int]) -> list[int]:
    rest = sorted(data)[1:]
    remember_part(rest, whole=data, case_ids=())
    return rest


@computed_once
def share_of_rest(data: list[int]) -> float:
    return total(without_smallest(data)) / total(data)


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


def test_what_a_result_is_made_from_is_computed_once_in_one_call() -> None:
    assert shares([1, 1, 2]) == [0.25, 0.25, 0.5]
    assert calls == ["total"]


def test_a_change_between_two_calls_is_seen() -> None:
    data = [1, 3]
    assert shares(data) == [0.25, 0.75]
    data.append(4)
    assert shares(data) == [0.125, 0.375, 0.5]


def test_nothing_stays_behind_a_call_not_even_of_data_made_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[int, object] = {}
    parts: dict[int, object] = {}
    monkeypatch.setattr("kratom_evidence.computed_once._memories", known)
    monkeypatch.setattr("kratom_evidence.computed_once._parts", parts)
    data = [1, 1, 2]
    assert share_of_rest(data) == 0.75
    with pytest.raises(ZeroDivisionError):
        shares([0])
    assert memory_of(data) is None
    assert known == parts == {}
