"""Errors reach another process as they were, and a page of documents may be answered."""

import pickle

import pytest

from optionchain_client.errors import (
    ArchiveError,
    BadRequest,
    ChainsError,
    IncompleteSnapshot,
    Unavailable,
    error_of,
)
from optionchain_client.objects import MissingObject


def unavailable() -> Unavailable:
    error = Unavailable(503, "archive-unavailable", "the archive is away")
    error.retry_after = 5.0
    return error


@pytest.mark.parametrize(
    "error",
    [
        ArchiveError("a is gone"),
        MissingObject("a"),
        IncompleteSnapshot("NIFTY", 1, 2),
        BadRequest(422, "invalid", "a wrong strike", {"strike": "is no number"}),
        unavailable(),
        error_of(404, {"type": "urn:x:unknown-symbol", "detail": "no such symbol"}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_error_is_pickled_whole(error: ChainsError) -> None:
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is type(error)
    assert (str(found), vars(found)) == (str(error), vars(error))
