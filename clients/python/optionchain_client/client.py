"""The API as a source of snapshots."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from optionchain_client.errors import ChainsError, NotFound
from optionchain_client.http import Http
from optionchain_client.snapshots import (
    CONTRACT_FIELDS,
    IST,
    Snapshot,
    chosen,
    contract_of,
    contracts_of,
    day_of,
    expiry_of,
    expiry_text,
    instant,
)

type Moment = str | date | datetime
type Record = dict[str, Any]

_DAY = timedelta(days=1)
_MOST_RECORDS = 10_000
_NOTHING_YET = "nothing-yet"
# A history of this many contracts of a day is one page: 206 contracts have some 80,000 documents.
_COLUMNS = ",".join((*CONTRACT_FIELDS, "fetched_at"))


class Client:
    """Reads from the API. `api_key` is sent as X-Api-Key. Raises ApiError.

    A request is repeated while the API is away for a moment, as long as it asks for.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = Http(base_url, api_key, transport, sleep)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def chains(
        self,
        symbol: str,
        first: str | date,
        last: str | date,
        *,
        expiry: str | date = "nearest",
    ) -> Iterator[Snapshot]:
        """Yield the snapshots from the day `first` to the day `last`, by tick and expiry.

        `expiry` is nearest, next or all, of those recorded on each day, or a date. Each snapshot
        comes once and whole. A day is read in pages of 10,000 contracts, not snapshot by snapshot.
        """
        for day in _days(first, last):
            yield from self._of_day(symbol, day, expiry)

    def days(self, symbol: str, first: str | date, last: str | date) -> list[date]:
        """Return the days with a snapshot, in order."""
        return [day for day in _days(first, last) if self._headers(symbol, day, most=1)]

    def latest(self, symbol: str, *, expiry: str | date = "nearest") -> Snapshot:
        """Return the newest snapshot."""
        return self._chain(symbol, expiry, None)

    def as_of(self, symbol: str, moment: Moment, *, expiry: str | date = "nearest") -> Snapshot:
        """Return the snapshot that was the newest at a moment."""
        return self._chain(symbol, expiry, moment)

    def follow(
        self, symbol: str, *, expiry: str | date = "nearest", every: float = 5.0
    ) -> Iterator[Snapshot]:
        """Yield the newest snapshot, and then each new one; asks for ever, with the entity tag."""
        headers: dict[str, str] = {}
        newest: datetime | None = None
        path, query = f"option-chain/{quote(symbol, safe='')}", _chain_query(expiry, None)
        while True:
            answer = self._http.send(path, query, headers)
            if tag := answer.headers.get("ETag"):
                headers["If-None-Match"] = tag
            if answer.status_code == httpx.codes.OK:
                snapshot = _snapshot_of(answer.json())
                if newest is None or snapshot.at > newest:
                    newest = snapshot.at
                    yield snapshot
            self._sleep(every)

    def history(
        self,
        symbol: str,
        strike: float,
        side: Literal["CE", "PE"],
        first: Moment,
        last: Moment,
        *,
        expiry: str | date = "nearest",
    ) -> Iterator[Record]:
        """Yield the documents of one contract, by tick, as the API has them."""
        yield from self._contract(symbol, strike, side, first, last, expiry, None)

    def candles(
        self,
        symbol: str,
        strike: float,
        side: Literal["CE", "PE"],
        first: Moment,
        last: Moment,
        *,
        interval: str,
        expiry: str | date = "nearest",
    ) -> Iterator[Record]:
        """Yield the candles of one contract; `interval` is such as 5m or 1d."""
        yield from self._contract(symbol, strike, side, first, last, expiry, interval)

    def analytics(
        self,
        symbol: str,
        metrics: Sequence[str],
        first: Moment,
        last: Moment,
        *,
        expiry: str | date = "nearest",
        interval: str | None = None,
    ) -> Iterator[Record]:
        """Yield analytics through time, such as `pcr_oi` and `atm_iv`."""
        query = {
            "metric": ",".join(metrics),
            "from": _moment(first),
            "to": _moment(last),
            "expiry": _expiry(expiry),
            "interval": interval,
            "limit": _MOST_RECORDS,
        }
        yield from self._records(f"{_path(symbol)}/analytics/history", query)

    def gaps(self, symbol: str, day: str | date) -> Record:
        """Return what was not recorded on a day, and why."""
        return self._http.get(f"{_path(symbol)}/gaps", {"date": day_of(day).isoformat()})

    def _of_day(self, symbol: str, day: date, expiry: str | date) -> Iterator[Snapshot]:
        headers = self._headers(symbol, day)
        recorded = {expiry_of(row["expiry_date"]) for row in headers}
        wanted = set(chosen(recorded, expiry, day))
        contracts = {each: self._contracts(symbol, day, each) for each in sorted(wanted)}
        for row in headers:
            of_row = expiry_of(row["expiry_date"])
            if of_row in wanted:
                found = contracts[of_row].pop(row["timestamp"], [])
                yield _whole(symbol, row, found)

    def _headers(self, symbol: str, day: date, most: int = _MOST_RECORDS) -> list[Record]:
        query: dict[str, Any] = {"expiry": "all", **_of(day), "limit": most}
        pages = self._http.pages(f"{_path(symbol)}/snapshots", query)
        try:
            if most < _MOST_RECORDS:
                return list(next(pages)["records"])
            return [row for page in pages for row in page["records"]]
        except NotFound as error:
            if error.slug == _NOTHING_YET:
                return []
            raise

    def _contracts(self, symbol: str, day: date, expiry: date) -> dict[str, list[Record]]:
        """Return the documents of an expiry on a day, by tick."""
        # The API wants to be told which strikes: all of them.
        query = {"expiry": expiry_text(expiry), **_of(day), "strike_min": 0, "columns": _COLUMNS}
        found: dict[str, list[Record]] = defaultdict(list)
        for row in self._records(f"{_path(symbol)}/history", {**query, "limit": _MOST_RECORDS}):
            found[row["fetched_at"]].append(row)
        return found

    def _contract(
        self,
        symbol: str,
        strike: float,
        side: str,
        first: Moment,
        last: Moment,
        expiry: str | date,
        interval: str | None,
    ) -> Iterator[Record]:
        query = {
            "strike": strike,
            "option_type": side,
            "from": _moment(first),
            "to": _moment(last),
            "expiry": _expiry(expiry),
            "interval": interval,
            "limit": _MOST_RECORDS,
        }
        yield from self._records(f"{_path(symbol)}/history", query)

    def _records(self, path: str, query: dict[str, Any]) -> Iterator[Record]:
        for page in self._http.pages(path, query):
            yield from page["records"]

    def _chain(self, symbol: str, expiry: str | date, moment: Moment | None) -> Snapshot:
        return _snapshot_of(self._http.get(_path(symbol), _chain_query(expiry, moment)))


def _days(first: str | date, last: str | date) -> Iterator[date]:
    """Yield days in India, up to today: the API refuses those to come."""
    day, end = day_of(first), min(day_of(last), datetime.now(IST).date())
    while day <= end:
        yield day
        day += _DAY


def _path(symbol: str) -> str:
    return f"option-chain/{quote(symbol, safe='')}"


def _of(day: date) -> dict[str, str]:
    return {"from": day.isoformat(), "to": day.isoformat()}


def _moment(moment: Moment) -> str:
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise ValueError(f"{moment!r} needs a time zone: in India's time it is another instant")
    return moment if isinstance(moment, str) else moment.isoformat()


def _expiry(expiry: str | date) -> str:
    return expiry if isinstance(expiry, str) else expiry_text(expiry)


def _chain_query(expiry: str | date, moment: Moment | None) -> dict[str, str]:
    at = {} if moment is None else {"as_of": _moment(moment)}
    return {"expiry": _expiry(expiry), **at}


def _snapshot_of(answer: Record) -> Snapshot:
    """Return the snapshot of an answer about one chain."""
    rows = [*answer["calls"], *answer["puts"]]
    return Snapshot(
        symbol=answer["symbol"],
        expiry=expiry_of(answer["expiry_date"]),
        at=_known(answer["timestamp"]),
        last_seen_at=_known(answer["last_seen_at"]),
        exchange_timestamp=instant(answer["exchange_timestamp"]),
        underlying_value=answer["underlying_value"],
        source=answer["source"],
        settled=answer["settled"],
        revised=False,
        legs_missing=None,
        contracts=contracts_of(rows),
    )


def _whole(symbol: str, row: Record, documents: Sequence[Record]) -> Snapshot:
    """Return the snapshot of a record and its documents, if all of them are there."""
    if len(documents) != row["total_calls"] + row["total_puts"]:
        raise ChainsError(
            f"{symbol} {row['expiry_date']} of {row['timestamp']} has {len(documents)} of "
            f"{row['total_calls'] + row['total_puts']} contracts: it was written meanwhile"
        )
    found = sorted(map(contract_of, documents), key=lambda each: (each.strike_price, each.type))
    return Snapshot(
        symbol=symbol,
        expiry=expiry_of(row["expiry_date"]),
        at=_known(row["timestamp"]),
        last_seen_at=_known(row["last_seen_at"]),
        exchange_timestamp=instant(row["exchange_timestamp"]),
        underlying_value=row["underlying_value"],
        source=row["source"],
        settled=row["settled"],
        revised=row["revised"],
        legs_missing=row["legs_missing"],
        contracts=tuple(found),
    )


def _known(text: str) -> datetime:
    found = instant(text)
    assert found is not None  # noqa: S101  (every snapshot has a tick)
    return found
