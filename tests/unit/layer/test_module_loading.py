"""Modules load without a search for garbage, which goes on as before afterwards."""

import gc

import pytest

from optionchain.module_loading import garbage_collection_paused


def test_garbage_collection_is_off_meanwhile_and_on_afterwards() -> None:
    with garbage_collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_module_that_fails_to_load_leaves_garbage_collection_on() -> None:
    with pytest.raises(ImportError), garbage_collection_paused():
        raise ImportError
    assert gc.isenabled()
