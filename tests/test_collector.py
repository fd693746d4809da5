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
