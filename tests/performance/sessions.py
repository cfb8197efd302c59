"""Thirty sessions of two symbols, for the measures of queries. A seed decides every number.

Pure. Only the first quotes come from a body; later numbers follow a random walk.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from chain_fetch.nse.body_parser import parse
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.listing import listed_expiries
from optionchain.exchange_time import expiry_text
from optionchain.market import Market
from optionchain.snapshot import Quote, Snapshot
from tests.performance.sample_bodies import SampleBody

SEED = 7
# A symbol's prices and strikes, as multiples of NIFTY's.
SYMBOLS = {"NIFTY": 1, "BANKNIFTY": 2}
SESSIONS = 30
SNAPSHOTS = 250
LAST_DAY = date(2026, 6, 19)
TICK = timedelta(seconds=5)
EVERY = timedelta(seconds=90)  # between two snapshots; the ticks in between confirm them
_STAMP_BEHIND = timedelta(seconds=7)
_PRICE_STEPS = 20  # a rupee


def days() -> list[date]:
    """Return the days of the sessions, the last one last."""
    market, found, day = Market(), list[date](), LAST_DAY
    while len(found) < SESSIONS:
        if market.sessions(day):
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def moments(day: date) -> list[datetime]:
    """Return the ticks of a session at which a snapshot is stored."""
    opens = Market().sessions(day)[0].opens.astimezone(UTC)
    return [opens + EVERY * number for number in range(SNAPSHOTS)]


def expiry(symbol: str, day: date) -> date:
    """Return the nearest expiry on a day: weekly of NIFTY, monthly of BANKNIFTY."""
    return listed_expiries(INSTRUMENTS[symbol], day)[0]


def first_snapshot(body: SampleBody) -> Snapshot:
    """Return the first snapshot of the sessions of NIFTY."""
    return parse(body.data, "NIFTY", moments(LAST_DAY)[0])


def snapshots(symbol: str, day: date, first: Snapshot) -> Iterator[Snapshot]:
    """Yield the snapshots of a session, each a random step from the one before."""
    draw = Random(f"{SEED} {symbol} {day}").random
    times, expires = SYMBOLS[symbol], expiry(symbol, day)
    quotes = [scaled_quote(quote, times) for quote in first.quotes]
    underlying = (first.underlying_value or 0.0) * times
    for tick in moments(day):
        quotes = [next_quote(quote, draw) for quote in quotes]
        underlying = round(underlying * (1 + (draw() - 0.5) / 2_000), 2)
        stamp = tick - _STAMP_BEHIND
        yield Snapshot(symbol, expires, tick, stamp, underlying, tuple(quotes))


def every_tick(first: Snapshot) -> Iterator[Snapshot]:
    """Yield snapshots of consecutive ticks, each a random step from the one before, without end."""
    draw = Random(f"{SEED} every tick").random
    while True:
        yield first
        quotes = tuple(next_quote(quote, draw) for quote in first.quotes)
        underlying = round((first.underlying_value or 0.0) * (1 + (draw() - 0.5) / 2_000), 2)
        tick, stamp = first.fetched_at + TICK, first.fetched_at + TICK - _STAMP_BEHIND
        first = replace(first, fetched_at=tick, exchange_timestamp=stamp, quotes=quotes)
        first = replace(first, underlying_value=underlying)


def scaled_quote(quote: Quote, times: int) -> Quote:
    """Return a quote at another level of prices."""
    prices = ("last_price", "change", "bid_price", "ask_price")
    values: dict[str, Any] = {name: getattr(quote, name) for name in prices}
    scaled_values = {name: value and round(value * times, 2) for name, value in values.items()}
    return quote._replace(strike_price=quote.strike_price * times, **scaled_values)


def next_quote(quote: Quote, draw: Callable[[], float]) -> Quote:
    """Return a quote a moment later. A missing value stays missing."""
    step, lots = 1 + (draw() - 0.5) / 50, int(draw() * 40)
    last, interest = _price(quote.last_price, step), quote.open_interest
    moved_by = (last or 0.0) - (quote.last_price or 0.0)
    added = lots - min(20, int(interest or 0))
    volatility = quote.implied_volatility
    return quote._replace(
        open_interest=None if interest is None else max(interest + added, 0.0),
        change_in_oi=_plus(quote.change_in_oi, added),
        last_price=last,
        change=_plus(quote.change, moved_by),
        pchange=quote.pchange and quote.pchange * step,
        total_traded_volume=_plus(quote.total_traded_volume, lots),
        implied_volatility=volatility and round(volatility * step, 2),
        bid_price=_price(quote.bid_price, step),
        ask_price=_price(quote.ask_price, step),
        bid_qty=quote.bid_qty and 65 * (1 + lots),
        ask_qty=quote.ask_qty and 65 * (41 - lots),
        total_buy_qty=_plus(quote.total_buy_qty, 65 * lots),
        total_sell_qty=_plus(quote.total_sell_qty, 65 * lots),
    )


def ledger(symbol: str, day: date) -> list[dict[str, Any]]:
    """Return the ledger of a session: a tick each five seconds, one in 18 with news."""
    text = expiry_text(expiry(symbol, day))
    stored = moments(day)
    ticks: Sequence[datetime] = [tick + TICK * n for tick in stored for n in range(EVERY // TICK)]
    news = {"outcome": "stored", "verdict": "new", "expiry_date": text}
    none = {"outcome": "unchanged", "verdict": "unchanged", "expiry_date": text}
    return [
        {
            "symbol": symbol,
            "tick": tick,
            "claimed_at": tick,
            "outcome": entry["outcome"],
            "lateness_ms": 5.0,
            "expiries": [entry],
            "completed_at": tick + timedelta(milliseconds=900),
        }
        for number, tick in enumerate(ticks)
        for entry in (none if number % (EVERY // TICK) else news,)
    ]


def _price(value: float | None, step: float) -> float | None:
    if value is None:
        return None
    return max(round(value * step * _PRICE_STEPS) / _PRICE_STEPS, 1 / _PRICE_STEPS)


def _plus(value: float | None, more: float) -> float | None:
    return None if value is None else round(value + more, 2)
