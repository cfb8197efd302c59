"""Three sessions of a stock with numbers from a seed, and what the API must answer about them.

What is expected is reckoned from the snapshots themselves, one document at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from random import Random
from typing import Any
from urllib.parse import quote as quote_path

import orjson
from starlette.testclient import TestClient

from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.documents import contract_documents, header_document
from optionchain.mongo.indexes import CONTRACTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Quote, Side, Snapshot
from tests.support.api import all_records, read
from tests.support.mongomock_database import AnyDatabase

type Json = dict[str, Any]

SYMBOL = "M&M"
DAYS = (date(2026, 6, 18), date(2026, 6, 19), date(2026, 6, 22))
EXPIRY = date(2026, 6, 30)
LATER = date(2026, 7, 28)
STEP = 5
SIDES: tuple[Side, ...] = ("CE", "PE")
# Of all three days, and each of the others: when it was there.
STRIKES = (2962.5, 2975.0, 2987.5, 3000.0, 3012.5, 3025.0)
GONE_ON_THE_LAST_DAY = 2950.0
OF_ONE_AFTERNOON = 2937.5
SINCE_MIDDAY = 3037.5
SINCE_THE_SECOND_DAY = 3050.0
WITHOUT_PUT = 2975.0
_BEHIND = timedelta(seconds=4)


def ist(day: date, text: str) -> datetime:
    """Return an instant of a day in India, in UTC."""
    return datetime.combine(day, time.fromisoformat(text), IST).astimezone(UTC)


def iso(instant: datetime) -> str:
    """Return an instant as the API writes it."""
    return str(orjson.loads(orjson.dumps(instant.astimezone(UTC), option=orjson.OPT_UTC_Z)))


def as_json(value: Any) -> Any:  # noqa: ANN401  (documents and lists of them)
    """Return a value as a client reads it."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z))


def traded_at(tick: datetime) -> datetime:
    """Return when the last trades that a tick has read were done, on one of these days.

    What is read up to five minutes after the close, which was at 15:30, was traded before it.
    """
    day = exchange_date(tick)
    closes = ist(day, "15:30")
    is_after = day in DAYS and closes <= tick <= closes + timedelta(minutes=5)
    return closes - timedelta(milliseconds=1) if is_after else tick


@dataclass(frozen=True)
class Sessions:
    """Snapshots that are committed, in the order of their ticks."""

    snapshots: Sequence[Snapshot]

    def of(self, expiry: date, start: datetime, end: datetime) -> list[Snapshot]:
        """Return the snapshots of an expiry from `start` to `end`, both inclusive."""
        of_expiry = [each for each in self.snapshots if each.expiry == expiry]
        return [each for each in of_expiry if start <= each.fetched_at <= end]

    def ticks(self, day: date, expiry: date = EXPIRY) -> list[datetime]:
        """Return the ticks of a day at which an expiry was stored."""
        ticks = [each.fetched_at for each in self.snapshots if each.expiry == expiry]
        return [tick for tick in ticks if exchange_date(tick) == day]

    def documents(self, expiry: date, start: datetime, end: datetime) -> list[Json]:
        """Return every record of a range, by strike, side and tick: a document and its source."""
        found = [row for each in self.of(expiry, start, end) for row in contract_documents(each)]
        found.sort(key=lambda row: (row["strike_price"], row["type"], row["fetched_at"]))
        rows: list[Json] = as_json(found)
        return [row | {"source": "nse"} for row in rows]


def ticks_of(day: date, random: Random) -> list[datetime]:
    """Return the ticks of a day with new data: the opening, one after the close, and random ones.

    On the second day the recorder started late.
    """
    opens = ist(day, "09:52:20" if day == DAYS[1] else "09:15")
    steps = random.sample(range(1, (ist(day, "15:40") - opens).seconds // STEP), 28)
    during = [opens + timedelta(seconds=STEP * number) for number in sorted(steps)]
    return [opens, *during, ist(day, "15:45")]


def strikes_at(tick: datetime) -> list[float]:
    """Return the strikes that were listed at a tick."""
    day = exchange_date(tick)
    more = {
        GONE_ON_THE_LAST_DAY: day < DAYS[2],
        OF_ONE_AFTERNOON: ist(DAYS[1], "12:00") <= tick and day == DAYS[1],
        SINCE_MIDDAY: tick >= ist(DAYS[0], "12:00"),
        SINCE_THE_SECOND_DAY: day >= DAYS[1],
    }
    return sorted([*STRIKES, *(strike for strike, there in more.items() if there)])


def moved(quote: Quote, random: Random) -> Quote:
    """Return a quote a moment later. A contract has a price from its first trade on."""
    traded = random.choice((0, 0, 1, 7, 40))
    price = quote.last_price or (random.uniform(1, 90) if traded else None)
    last = price and max(round(price + random.uniform(-2, 2), 2), 0.05)
    volume = quote.total_traded_volume or 0.0
    volumes = (volume + traded, max(volume - 3, 0.0), None)
    return quote._replace(
        open_interest=max((quote.open_interest or 0.0) + random.randrange(-9, 12), 0.0),
        last_price=last,
        # Now and then the exchange corrects it downwards, or does not send it.
        total_traded_volume=random.choices(volumes, (94, 3, 3))[0],
        implied_volatility=random.choice((None, round(random.uniform(8, 40), 2))),
        bid_price=last and round(last * 0.99, 2),
        bid_qty=random.randrange(0, 9) * 200,
    )


def quote(side: Side, strike: float, volume: float = 0.0) -> Quote:
    """Return the first quote of a contract: nothing traded, open interest in thirds of a lot."""
    none = None
    numbers = (100 / 3, 0.0, 0.0, none, none, none, volume, none, 0, none, 12.35, 200, 0.0, 1400.0)
    return Quote(side, strike, *numbers)


def sessions(seed: int = 5) -> Sessions:
    """Return three days of two expiries; the later one is news at every third of the ticks."""
    random, found = Random(seed), list[Snapshot]()
    before: dict[tuple[date, float, Side], Quote] = {}
    for day in DAYS:
        for key, each in before.items():
            before[key] = each._replace(total_traded_volume=0.0, last_price=None)
        for number, tick in enumerate(ticks_of(day, random)):
            underlying = round(random.uniform(2970, 3010), 2)
            for expiry in (EXPIRY, LATER)[: 1 if number % 3 else 2]:
                legs = []
                for strike, side in product(strikes_at(tick), SIDES):
                    if (side, strike) != ("PE", WITHOUT_PUT):
                        last = before.get((expiry, strike, side)) or quote(side, strike)
                        legs.append(moved(last, random))
                        volume = legs[-1].total_traded_volume
                        counted = last.total_traded_volume if volume is None else volume
                        before[expiry, strike, side] = legs[-1]._replace(
                            total_traded_volume=counted
                        )
                stamp = tick - _BEHIND
                found.append(Snapshot(SYMBOL, expiry, tick, stamp, underlying, tuple(legs)))
    return Sessions(found)


def store(database: AnyDatabase, played: Sessions) -> None:
    """Write the sessions as the recorder does, and parts of snapshots that killed writers left.

    Those stand between the ticks, before the first and after the last one.
    """
    writer = SnapshotWriter(database)
    for snapshot in played.snapshots:
        writer.commit(Commit(snapshot))
    for day in DAYS:
        first, *_, last = played.of(EXPIRY, ist(day, "09:00"), ist(day, "16:00"))
        for snapshot, by in ((first, -STEP), (first, 2), (last, -2), (last, STEP)):
            orphan = replace(
                snapshot,
                fetched_at=snapshot.fetched_at + timedelta(seconds=by),
                underlying_value=None,
                quotes=(*snapshot.quotes, quote("CE", 9_999.0), quote("PE", 9_999.0)),
            )
            half: Sequence[Any] = contract_documents(orphan)[::2]
            database[CONTRACTS].insert_many(half)


def ask(api: TestClient, path: str, **query: object) -> Json:
    """Return an answer about the symbol."""
    return read(api, f"/option-chain/{quote_path(SYMBOL)}{path}", **query)


def legs(answer: Json) -> list[Json]:
    """Return the contracts of a chain by strike, the call before the put."""
    found: list[Json] = answer["calls"] + answer["puts"]
    return sorted(found, key=lambda leg: (leg["strike_price"], leg["type"]))


def every(api: TestClient, path: str, **query: object) -> list[Json]:
    """Return the records of all pages about the symbol."""
    return all_records(api, f"/option-chain/{quote_path(SYMBOL)}{path}", **query)


def header(snapshot: Snapshot) -> Json:
    """Return the record of a snapshot in the list of snapshots."""
    totals = ("call_open_interest", "put_open_interest", "call_volume", "put_volume")
    names = (*totals, "revised", "legs_missing")
    stored: Json = as_json(header_document(snapshot))
    return {
        "expiry_date": stored["expiry_date"],
        "timestamp": iso(snapshot.fetched_at),
        "last_seen_at": iso(snapshot.fetched_at),
        "exchange_timestamp": iso(snapshot.stamp),
        "underlying_value": snapshot.underlying_value,
        "total_calls": stored["calls"],
        "total_puts": stored["puts"],
        **{name: stored[name] for name in names},
        "source": "nse",
        "dated_by": "exchange",
        "settled": False,
    }
