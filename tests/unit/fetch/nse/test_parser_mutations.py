"""Five thousand mutated bodies: each is refused or read exactly, in bounded time.

Hypothesis searches small cases; here the same seeded mutations of whole chains run every time.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from chain_fetch.http.sent_body import MAX_BODY_BYTES
from chain_fetch.nse.body_parser import parse
from optionchain.errors import PayloadInvalid
from tests.support.bodies import SPELLINGS
from tests.support.mutations import MUTATIONS, TEXTS, Mutation
from tests.support.snapshots import TICK, stored_numbers
from tests.support.work import done_with_seconds

BODIES = 5_000
REASONS = {"invalid_payload", "not_json", "truncated", "empty"}
HEAD = b'{"records":{"timestamp":"19-Jun-2026 15:02:20","underlyingValue":1,"data":['
# Of processor time, which the load of the machine does not change: a tenth of a tick.
LONGEST_SECONDS = 0.5


def numbers_of(text: bytes) -> set[float]:
    """Every number that stands in a JSON text, under whatever key."""
    found: set[float] = set()

    def whole(digits: str) -> float:
        found.add(number := float(digits))
        return number

    json.loads(text, parse_int=whole, parse_float=whole)
    return found


def outcome(text: bytes) -> str:
    """Parse a body; return the reason of its refusal, or `read` if each number was in it."""
    try:
        snapshot = parse(text, "NIFTY", TICK)
    except PayloadInvalid as error:
        return error.reason if len(str(error)) < 500 else "a message without an end"
    # A bid or an ask of none has the quantity 0.
    cleared = any(not (quote.bid_price and quote.ask_price) for quote in snapshot.quotes)
    assert stored_numbers(snapshot) <= numbers_of(text) | ({0.0} if cleared else set())
    return "read"


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutated_bodies_are_refused_or_read_exactly_in_bounded_time(mutation: Mutation) -> None:
    """Nothing but PayloadInvalid is raised, and no number is made up."""
    chance = random.Random(mutation.__name__)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for _ in range(-(-BODIES // len(MUTATIONS))):
        text = mutation(chance)
        found, took = done_with_seconds(partial(outcome, text), LONGEST_SECONDS)
        outcomes[found] += 1
        slowest = max(slowest, took)
    assert outcomes.keys() <= REASONS | {"read"}
    assert outcomes["read"] < outcomes.total()
    assert slowest < LONGEST_SECONDS


@pytest.mark.parametrize("text", TEXTS, ids=SPELLINGS)
def test_bodies_without_a_mutation_are_read(text: bytes) -> None:
    assert outcome(text) == "read"


FAULTS_THROUGHOUT: dict[str, bytes] = {
    "empty rows": b"{},",
    "numbers": b"1,",
    "empty legs": b'{"CE":{},"PE":{}},',
    "rows without a leg": b'{"expiryDates":"23-Jun-2026","strikePrice":100},',
    "lists": b"[[[]]],",
}


@pytest.mark.parametrize("name", FAULTS_THROUGHOUT)
def test_a_large_body_of_faults_alone_is_refused_by_the_first(name: str) -> None:
    """As large as the client accepts: to list each fault took half a minute and 5 GB."""
    row = FAULTS_THROUGHOUT[name]
    text = HEAD + row * (MAX_BODY_BYTES // len(row)) + b"{}]}}"
    found, took = done_with_seconds(partial(outcome, text), 2)
    assert found == "invalid_payload"
    assert took < 2


@pytest.mark.parametrize("key", [b"strikePrices", b"filtered"])
@pytest.mark.parametrize("name", FAULTS_THROUGHOUT)
def test_a_large_statement_beside_the_rows_that_cannot_be_read_is_left_out(
    name: str, key: bytes
) -> None:
    row = FAULTS_THROUGHOUT[name]
    faults = b"[" + row * (MAX_BODY_BYTES // len(row) // 2) + b"{}]"
    statement = b'{"data":' + faults + b"}" if key == b"filtered" else faults
    text = TEXTS[0].replace(b'"' + key + b'":', b'"' + key + b'":' + statement + b',"x":', 1)
    found, took = done_with_seconds(partial(outcome, text), 2)
    assert found == "read"
    assert took < 2


FIFTY_MEGABYTES: dict[str, Callable[[], bytes]] = {
    "blanks": lambda: b" " * 50_000_000,
    "depth": lambda: b"[" * 50_000_000,
    "one text": lambda: b'{"records":{"timestamp":"' + b"x" * 50_000_000 + b'"}}',
    "one number": lambda: b'{"records":' + b"9" * 50_000_000 + b"}",
}


@pytest.mark.parametrize("name", FIFTY_MEGABYTES)
def test_a_body_of_fifty_megabytes_is_refused_within_a_tick(name: str) -> None:
    """The client accepts no more than eight; the parser does not rely on it."""
    text = FIFTY_MEGABYTES[name]()
    found, took = done_with_seconds(partial(outcome, text), 2)
    assert found in REASONS
    assert took < 2
