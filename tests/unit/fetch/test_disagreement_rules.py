"""Whether two sources agree about one moment."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from chain_fetch.recording.source_choice.disagreement_rules import (
    Contracts,
    by_leg,
    compare,
    neighbours,
)
from optionchain.mongo.disagreement_register import FieldComparison
from optionchain.mongo.documents import HeaderDocument, contract_documents, header_document
from optionchain.snapshot import Snapshot
from tests.support.snapshots import TICK, quote, snapshot

MOMENT = TICK


def header(
    begins: float, *, until: float | None = None, stamped: bool = True, source: str = "nse"
) -> HeaderDocument:
    """A header whose snapshot is of so many seconds after the moment, confirmed `until`."""
    at = MOMENT + timedelta(seconds=begins)
    stamp = at if stamped else None
    tick = at + timedelta(seconds=40) if stamped else at
    of = replace(snapshot(tick=tick), exchange_timestamp=stamp, source=source)
    found = header_document(of)
    found["last_seen_at"] = MOMENT + timedelta(seconds=until) if until is not None else tick
    return found


def unstamped(begins: float, until: float | None = None, source: str = "nse") -> HeaderDocument:
    return header(begins, until=until, stamped=False, source=source)


@pytest.mark.parametrize(("headers", "expected"), [
    # Stamped: two bodies, each some time away from the moment.
    ([header(-60), header(-15), header(15), header(60)], (1, 2)),
    ([header(-60), header(-14), header(14), header(60)], (0, 3)),
    ([header(-60), header(0), header(60)], (0, 2)),
    # A stamped body is repeated for a minute: that it was seen later proves nothing.
    ([header(-60, until=90)], None),
    # By receipt: what was confirmed until later holds at the moment.
    ([unstamped(-60, until=15)], (0, 0)),
    ([unstamped(-60, until=14)], None),
    ([unstamped(-60, until=-20), unstamped(-10), unstamped(20)], (0, 2)),
    ([unstamped(-10, until=90)], None),
    ([], None),
    # Snapshots of another source leave nothing to compare.
    ([header(-60), header(60, source="upstox")], None),
    ([header(-60), unstamped(0, source="upstox"), header(60)], None),
    ([header(-90, source="upstox"), header(-60), header(60)], (1, 2)),
])  # fmt: skip
def test_the_record_is_known_from_before_a_moment_until_after_it(
    headers: list[HeaderDocument], expected: tuple[int, int] | None
) -> None:
    found = neighbours(headers, MOMENT, "nse")
    assert (found and tuple(headers.index(each) for each in found)) == expected


def compared(
    before: dict[str, Any],
    after: dict[str, Any],
    other: dict[str, Any],
    tick_size: float | None = None,
) -> dict[str, FieldComparison]:
    """Compare chains of one call."""
    first, second, third = (
        replace(snapshot(), quotes=(quote(**each),)) for each in (before, after, other)
    )
    found = compare(documents_of(first), documents_of(second), third, tick_size)
    return {each.field: each for each in found}


def documents_of(chain: Snapshot) -> Contracts:
    return by_leg(cast("list[dict[str, Any]]", contract_documents(chain)))


@pytest.mark.parametrize(("field", "recorded", "other", "tick_size", "differs"), [
    ("last_price", 101.30, 101.35, None, False),
    ("last_price", 101.30, 101.40, None, True),
    ("last_price", 101.30, 101.40, 0.10, False),
    ("last_price", 101.30, 101.20, 0.05, True),
    ("open_interest", 1200.0, 1200.0, None, False),
    ("open_interest", 1200.0, 1201.0, None, True),
    ("open_interest", 1757.0 + 2 / 3, 1757.666666666667, None, False),
    ("implied_volatility", 12.5, 12.51, None, False),
    ("implied_volatility", 12.5, 12.52, None, True),
])  # fmt: skip
def test_what_differs_beyond_its_tolerance(
    field: str, recorded: float, other: float, tick_size: float | None, *, differs: bool
) -> None:
    found = compared({field: recorded}, {field: recorded}, {field: other}, tick_size)
    assert (found[field].compared, found[field].differing) == (1, int(differs))
    others = [each for name, each in found.items() if name != field]
    assert all((each.compared, each.differing) == (1, 0) for each in others)
    if differs:
        (named,) = found[field].largest
        assert (named.recorded, named.other) == (recorded, other)
        assert named.identifier == "NIFTY_CE_24000_23-Jun-2026"


def test_a_number_that_moved_in_the_record_is_no_disagreement() -> None:
    found = compared({"last_price": 100.0}, {"last_price": 102.0}, {"last_price": 140.0})
    price = found["last_price"]
    assert (price.compared, price.differing, price.moved) == (0, 0, 1)


@pytest.mark.parametrize("missing", range(3))
def test_a_number_that_one_of_them_lacks_is_not_compared(missing: int) -> None:
    sent: list[dict[str, Any]] = [{"open_interest": 5.0}, {"open_interest": 5.0}, {}]
    sent[2] = {"open_interest": 9.0}
    sent[missing] = {"open_interest": None}
    before, after, other = sent
    interest = compared(before, after, other)["open_interest"]
    assert (interest.compared, interest.differing, interest.moved) == (0, 0, 0)


def test_a_contract_that_one_of_them_lacks_is_not_compared() -> None:
    chain, more = snapshot([24000.0]), snapshot([24000.0, 24050.0])
    documents = documents_of(chain)
    assert {each.compared for each in compare(documents, documents, more, None)} == {2}


def test_the_largest_five_are_named() -> None:
    strikes = [24000.0 + 50 * number for number in range(10)]
    documents = documents_of(snapshot(strikes))
    quotes = tuple(
        quote("CE", strike, last_price=500.0 + number) for number, strike in enumerate(strikes)
    )
    price, *_ = compare(documents, documents, replace(snapshot(strikes), quotes=quotes), None)
    assert price.differing == 10
    assert [each.other for each in price.largest] == [509.0, 508.0, 507.0, 506.0, 505.0]


def test_the_moment_of_a_header_without_a_stamp_is_its_tick() -> None:
    at: datetime = unstamped(-20, until=20)["fetched_at"]
    assert at == MOMENT - timedelta(seconds=20)
