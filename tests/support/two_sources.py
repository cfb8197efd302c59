"""One true market, as the exchange's site and as a vendor without time stamps show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from optionchain.mongo.documents import HeaderDocument
from optionchain.snapshot import Leg, Quote, Snapshot
from tests.support.bodies import EXPIRY
from tests.support.histories import ist

VENDOR = "upstox"
DERIVED = ("change_in_oi", "pchange_in_oi", "change", "pchange")
LEGS: tuple[Leg, ...] = ((24000.0, "CE"), (24000.0, "PE"), (24050.0, "CE"), (24050.0, "PE"))


@dataclass(frozen=True)
class State:
    """The market from a moment on; volumes and open interest are in contracts.

    `number` counts the states of a day and is hidden in no number of a body but the volumes.
    """

    number: int
    at: datetime
    underlying: float
    volumes: Mapping[Leg, int]
    interest: Mapping[Leg, int]
    base: Mapping[Leg, int]
    bid: float


def session(
    day: date,
    states: int,
    *,
    seed: int = 1,
    opens: str = "09:15:00",
    every: timedelta = timedelta(seconds=10),
    base: Mapping[Leg, int] | None = None,
    quiet: float = 0.0,
) -> list[State]:
    """Return the states of a day. In each one something is traded, but for a share of `quiet`."""
    random = Random(seed)
    base = base or {leg: random.randint(100, 900) for leg in LEGS}
    volumes, interest = dict.fromkeys(LEGS, 0), dict(base)
    found = []
    for number in range(states):
        if random.random() >= quiet:
            for leg in random.sample(LEGS, random.randint(1, len(LEGS))):
                lots = random.randint(1, 50)
                volumes[leg] += lots
                interest[leg] += random.randint(1, lots)
        found.append(
            State(
                number,
                ist(day, opens) + number * every,
                24_000.0 + random.randint(0, 9),
                dict(volumes),
                dict(interest),
                base,
                100.0 + random.randint(0, 9) / 20,
            )
        )
    return found


def stamped(state: State, tick: datetime) -> Snapshot:
    """Return a state as the exchange's site sends it."""
    quotes = tuple(_quote(state, leg, 12.5, 5000.0) for leg in LEGS)
    return Snapshot("NIFTY", EXPIRY, tick, state.at, state.underlying, quotes)


def unstamped(state: State, tick: datetime, legs: Sequence[Leg] = LEGS) -> Snapshot:
    """Return a state as a vendor sends it: its own volatility, no totals, no time stamp."""
    quotes = tuple(_quote(state, leg, 12.61, None) for leg in legs)
    return Snapshot(
        "NIFTY", EXPIRY, tick, None, state.underlying, quotes, source=VENDOR, derived=DERIVED
    )


def state_of(header: HeaderDocument, states: Sequence[State]) -> int:
    """Return the number of the first state that a stored header shows, by its totals."""
    volume = (header["call_volume"] or 0) + (header["put_volume"] or 0)
    return next(each.number for each in states if sum(each.volumes.values()) == volume)


def _quote(state: State, leg: Leg, volatility: float, total: float | None) -> Quote:
    strike, side = leg
    change = float(state.interest[leg] - state.base[leg])
    return Quote(
        side=side,
        strike_price=strike,
        open_interest=float(state.interest[leg]),
        change_in_oi=change,
        pchange_in_oi=change / state.base[leg] * 100,
        last_price=101.0,
        change=1.0,
        pchange=1.0,
        total_traded_volume=float(state.volumes[leg]),
        implied_volatility=volatility,
        bid_qty=75,
        bid_price=state.bid,
        ask_price=state.bid + 0.5,
        ask_qty=75,
        total_buy_qty=total,
        total_sell_qty=total,
    )
