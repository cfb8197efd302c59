"""A price of the underlying that stands still is told from one at which trading goes on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument, header_document
from optionchain.mongo.stored_snapshot import facts_in
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.captured_minutes import EXPIRING, MINUTES, NEXT_WEEK, at, minutes_of
from tests.support.histories import ist
from tests.support.snapshots import snapshot

AUCTION, OLDER, MUHURAT = date(2026, 8, 18), date(2026, 7, 28), date(2025, 10, 21)
INDEX, STOCK = True, False

type Prices = Sequence[tuple[str, float | None]]


def recorded(snapshots: Sequence[Snapshot], market: Market | None = None) -> list[SnapshotFacts]:
    """Return the facts of snapshots that are stored one after another."""
    facts: list[SnapshotFacts] = []
    header: HeaderDocument | None = None
    for each in snapshots:
        facts.append(RecordedFacts().of(each, header, market or Market()))
        header = header_document(each, facts=facts[-1])
        assert facts_in(header, []) == facts[-1]
    return facts


def frozen_since(
    day: date, prices: Prices, *, index: bool = INDEX, market: Market | None = None
) -> list[str | None]:
    """Return since when each of these prices of one day has stood still: `15:16`, or None."""
    chains = [
        replace(
            snapshot(stamp=ist(day, time), tick=ist(day, time) + timedelta(seconds=5)),
            underlying_value=price,
            of_index=index,
        )
        for time, price in prices
    ]
    facts = recorded(chains, market)
    return [_time_of(each.frozen_since, day) for each in facts]


def _time_of(instant: datetime | None, day: date) -> str | None:
    if instant is None:
        return None
    minutes = (instant - ist(day, "00:00")) // timedelta(minutes=1)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def steps(first: str, last: str, price: float | None = 8.15) -> list[tuple[str, float | None]]:
    """Return one price for each minute."""
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (first, last))
    return [(f"{each // 60:02}:{each % 60:02}", price) for each in range(begin, end + 1)]


@pytest.mark.parametrize("index", [INDEX, STOCK])
def test_in_the_auction_a_price_is_frozen_once_it_has_stood_for_a_minute(index: bool) -> None:
    prices = [("15:14", 9.0), ("15:15", 9.1), *steps("15:16", "15:18")]
    expected = [None, None, None, "15:16", "15:16"]
    assert frozen_since(AUCTION, prices, index=index) == expected


def test_a_quiet_price_is_frozen_only_since_the_auction_began() -> None:
    """Until then it was a price at which the stock could be traded."""
    assert frozen_since(AUCTION, steps("14:50", "15:17"), index=STOCK) == [
        *[None] * 26,
        "15:15",
        "15:15",
    ]


def test_the_price_of_the_auction_is_no_trading() -> None:
    prices = [*steps("15:16", "15:29"), ("15:30", 8.2), ("15:31", 8.2), ("15:39", 8.3)]
    assert frozen_since(AUCTION, prices) == [None, *["15:16"] * 16]


def test_a_price_that_moves_before_the_auction_can_have_one_is_traded() -> None:
    """The auction may not take place, as when a circuit breaker stops the market."""
    prices = [*steps("15:16", "15:18"), ("15:19", 8.2), ("15:20", 8.3), ("15:21", 8.4)]
    assert frozen_since(AUCTION, prices) == [None, "15:16", "15:16", None, None, None]


def test_after_the_close_the_official_price_is_not_frozen() -> None:
    prices = [*steps("15:16", "15:18"), ("15:40", 8.15), ("15:45", 8.15), ("19:45", 8.3)]
    assert frozen_since(AUCTION, prices)[3:] == [None] * 3


@pytest.mark.parametrize(
    ("day", "market"), [(OLDER, Market()), (MUHURAT, Market()), (AUCTION, Market("always"))]
)
def test_without_an_auction_a_stock_may_stand_still(day: date, market: Market) -> None:
    hours = ("13:50", "14:20") if day == MUHURAT else ("15:00", "15:29")
    assert set(frozen_since(day, steps(*hours), index=STOCK, market=market)) == {None}


@pytest.mark.parametrize("market", [Market(), Market("always")])
def test_an_index_is_frozen_once_it_has_stood_for_three_minutes(market: Market) -> None:
    prices = [("10:29", 9.0), *steps("10:30", "10:35"), ("10:36", 8.2), ("10:37", 8.2)]
    stands = ["10:30"] * 3
    assert frozen_since(AUCTION, prices, market=market) == [*[None] * 4, *stands, None, None]


def test_a_halt_goes_on_into_the_auction() -> None:
    assert frozen_since(AUCTION, steps("15:10", "15:39"))[3:] == ["15:10"] * 27


def test_two_equal_prices_far_apart_are_chance() -> None:
    """Expiries in rotation are read every few minutes."""
    assert frozen_since(AUCTION, [("10:30", 8.15), ("10:36", 8.15)]) == [None, None]


def test_a_value_that_is_left_out_for_a_moment_has_not_moved() -> None:
    prices = [*steps("15:16", "15:18"), ("15:19", None), ("15:20", 8.15), ("15:30", 8.2)]
    assert frozen_since(AUCTION, prices) == [None, *["15:16"] * 5]
    halted = [*steps("10:30", "10:34"), ("10:35", None), ("10:36", 8.15), ("10:37", 9.0)]
    assert frozen_since(AUCTION, halted)[4:] == [*["10:30"] * 3, None]
    assert frozen_since(AUCTION, steps("10:30", "10:40", None)) == [None] * 11


@pytest.mark.parametrize(
    ("back_at", "known"), [("15:20", False), ("15:27", False), ("15:30", True)]
)
def test_a_value_that_comes_back_is_that_of_the_auction_once_there_can_be_one(
    back_at: str, known: bool
) -> None:
    """When the payoff is fixed, only the auction's price may take the place of the forward."""
    day = (*steps("15:16", "15:18"), ("15:19", None), *steps(back_at, "15:36"))
    chains = [
        replace(snapshot(stamp=at(time), tick=at(time)), underlying_value=price)
        for time, price in day
    ]
    last = recorded(chains)[-1]
    assert last.frozen_since == at("15:16")
    assert last.underlying_since == at(back_at if known else "15:16")
    assert last.auction_price_known is known


def test_another_content_under_one_stamp_is_no_move() -> None:
    prices = [*steps("15:16", "15:17"), ("15:17", 8.15), ("15:17", 8.15)]
    assert frozen_since(AUCTION, prices) == [None, "15:16", "15:16", "15:16"]


def test_a_value_is_counted_from_the_opening_of_its_session() -> None:
    days = [ist(date(2026, 8, 17), "15:29"), ist(AUCTION, "09:15"), ist(AUCTION, "09:16")]
    facts = recorded([snapshot(stamp=stamp, tick=stamp) for stamp in days])
    assert [each.underlying_since for each in facts] == [days[0], days[1], days[1]]


def test_a_header_of_an_older_recorder_has_its_value_since_its_own_stamp() -> None:
    first, second = (snapshot(stamp=ist(AUCTION, time)) for time in ("10:30", "10:31"))
    header = header_document(first)
    for name in ("underlying_since", "frozen_since"):
        header.pop(name)  # type: ignore[misc]
    facts = RecordedFacts().of(second, header, Market())
    assert facts == SnapshotFacts(underlying_since=first.exchange_timestamp)


def test_a_stored_stamp_of_the_future_tells_nothing() -> None:
    ahead, body = (snapshot(stamp=ist(AUCTION, time)) for time in ("10:33", "10:30"))
    facts = RecordedFacts().of(body, header_document(ahead), Market())
    assert facts.underlying_since == body.exchange_timestamp


@pytest.mark.parametrize("expiry", [EXPIRING, NEXT_WEEK])
def test_the_captured_index_stood_still_in_the_auction_and_never_else(
    captured: Callable[[str], bytes], expiry: date
) -> None:
    chains = minutes_of(captured(MINUTES), expiry)
    frozen = {
        chain.exchange_timestamp: facts.frozen_since
        for chain, facts in zip(chains, recorded(chains), strict=True)
    }
    stands = {at("15:16") + timedelta(minutes=number): at("15:16") for number in range(1, 15)}
    assert len(frozen) == 288
    assert {stamp: since for stamp, since in frozen.items() if since} == stands


def test_a_price_stands_on_while_sources_with_and_without_stamps_alternate() -> None:
    """A stamp is behind the tick of the body before it, and still the later one."""
    chains = [
        replace(
            snapshot(stamp=ist(AUCTION, at), tick=ist(AUCTION, at) + timedelta(seconds=50)),
            underlying_value=8.15,
            source="upstox" if number % 2 else "nse",
        )
        for number, (at, _) in enumerate(steps("15:16", "15:20"))
    ]
    chains = [
        replace(each, exchange_timestamp=None) if each.source == "upstox" else each
        for each in chains
    ]
    facts = recorded(chains)
    assert {each.underlying_since for each in facts} == {ist(AUCTION, "15:16")}
    since = [_time_of(each.frozen_since, AUCTION) for each in facts]
    assert since == [None, *["15:16"] * 4]
