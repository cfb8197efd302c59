"""Captured bodies, read by the recorder's own parser, and minutes captured as a table."""

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from chain_fetch.nse.body_parser import parse
from local.evidence.legacy import as_v3
from optionchain.exchange_time import IST, exchange_date, parse_expiry
from optionchain.snapshot import Quote, Side, Snapshot

SIDES: tuple[Side, Side] = ("CE", "PE")
# The parser wants a tick. Here the stamp in the body tells the time, so any tick will do.
_TICK = datetime(2100, 1, 1, tzinfo=UTC)


class Contract(NamedTuple):
    """One call or put of a symbol."""

    expiry: date
    strike_price: float
    side: Side


class Chain(NamedTuple):
    """All expiries of a symbol in one captured body; `stamp` is the exchange's own (UTC)."""

    stamp: datetime
    underlying: float
    quotes: Mapping[Contract, Quote]

    @property
    def day(self) -> date:
        """Return the date of the stamp in India."""
        return exchange_date(self.stamp)


class Reading(NamedTuple):
    """One contract in one minute: price in points, open interest in contracts, volatility in %."""

    last_price: float
    open_interest: float
    implied_volatility: float | None


class Minute(NamedTuple):
    """One minute of a table: the underlying's price as sent, and a reading for each contract."""

    at: datetime
    underlying: float
    readings: Mapping[Contract, Reading]


class CaptureAbsent(Exception):
    """The folder of captures does not have this file."""


@dataclass(frozen=True)
class Captures:
    """A folder of captured responses."""

    folder: Path

    def chain(self, name: str) -> Chain:
        """Return the chain of a body of the endpoints before v3; raise CaptureAbsent."""
        return read_chain(orjson.loads(self._read(name)))

    def snapshot(self, name: str, symbol: str) -> Snapshot:
        """Return the snapshot of a v3 body, which is of one expiry; raise CaptureAbsent."""
        return parse(self._read(name), symbol, _TICK)

    def chains(self, pattern: str) -> Iterator[tuple[str, Chain]]:
        """Yield the chains of all files that match a pattern, with their names, in order."""
        names = sorted(str(path.relative_to(self.folder)) for path in self.folder.glob(pattern))
        if not names:
            raise CaptureAbsent(pattern)
        for name in names:
            yield name, self.chain(name)

    def minutes(self, name: str) -> list[Minute]:
        """Return the minutes of a table; raise CaptureAbsent."""
        return read_minutes(self._read(name).decode())

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        if not path.is_file():
            raise CaptureAbsent(name)
        return gzip.decompress(path.read_bytes())


def read_chain(body: dict[str, object]) -> Chain:
    """Return the chain of a decoded body of the endpoints before v3."""
    quotes: dict[Contract, Quote] = {}
    snapshot = None
    for expiry, part in as_v3(body).items():
        snapshot = parse(orjson.dumps(part), _symbol(part), _TICK)
        quotes |= {
            Contract(expiry, quote.strike_price, quote.side): quote for quote in snapshot.quotes
        }
    if snapshot is None:
        raise ValueError("a body without contracts")
    return Chain(snapshot.stamp, snapshot.underlying_value or 0.0, quotes)


def _symbol(body: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> str:
    """Return the symbol that the first listed leg of a body names."""
    legs = (row[side] for row in body["records"]["data"] for side in SIDES)
    return next(leg["underlying"] for leg in legs if leg["underlying"])


def read_minutes(table: str) -> list[Minute]:
    """Return the minutes of a CSV table in order of time; its times are IST. 0 % is none."""
    found: dict[datetime, Minute] = {}
    for row in csv.DictReader(table.splitlines()):
        at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=IST)
        minute = found.setdefault(at, Minute(at, float(row["spot"]), {}))
        side: Side = "CE" if row["option_type"] == "CE" else "PE"
        contract = Contract(parse_expiry(row["expiry"]), float(row["strike"]), side)
        volatility = float(row["iv"]) or None
        reading = Reading(float(row["ltp"]), float(row["oi"]), volatility)
        minute.readings[contract] = reading  # type: ignore[index]
    return sorted(found.values(), key=lambda minute: minute.at)
