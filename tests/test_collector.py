"""Pausing the search for garbage."""

import gc

import pytest

from kratom_evidence.collector import collector_paused


def test_the_search_is_paused_and_goes_on_after_a_fault() -> None:
    @collector_paused()
    def faulty() -> None:
        raise ValueError(f"on: {gc.isenabled()}")

    with pytest.raises(ValueError, match="on: False"):
        faulty()
    assert gc.isenabled()


def test_who_switched_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_was_made_counts_as_old_and_what_was_frozen_stays_so() -> None:
    with collector_paused():
        made: list[list[int]] = [[]]
    assert any(value is made for value in gc.get_objects(generation=2))
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with collector_paused():
            made = [[]]
        # Values that were frozen may be freed; that any still are shows that they were let alone.
        assert 0 < gc.get_freeze_count() <= frozen
        assert not any(value is made for value in gc.get_objects(generation=2))
    finally:
        gc.unfreeze()
