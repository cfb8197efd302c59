"""The API as a source of snapshots."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from types import TracebackType
from typing import Self

import httpx

from optionchain_client.answers import Record, snapshot_of_chain
from optionchain_client.dates import (
    Day,
    Expiry,
    Moment,
    day_of,
    days_between,
    expiry_text,
    moment_text,
    today,
)
from optionchain_client.http import Http
from optionchain_client.recorded_days import MOST_DOCUMENTS, MOST_RECORDS, RecordedDays, chain_path
from optionchain_client.snapshots import Side, Snapshot


class Client:
    """Reads from the API at `base_url`, such as `http://127.0.0.1:8000`. Raises ApiError.

    `api_key` is sent as X-Api-Key, to that host alone. A request is repeated while the API is away
    for a moment, six times at most, and after the pause that it asks for. `timeout` is how many
    seconds one answer may take.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        timeout: float = 40.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = Http(base_url, api_key, timeout=timeout, transport=transport, sleep=sleep)
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

    def days(self, symbol: str, first: Day, last: Day) -> list[date]:
        """Return the days with a snapshot, in order; it takes a request for each."""
        found = RecordedDays(self._http, symbol)
        return list(found.days(day_of(first), min(day_of(last), today())))

    def chains(
        self, symbol: str, first: Day, last: Day, *, expiry: Expiry = "nearest"
    ) -> Iterator[Snapshot]:
        """Yield the snapshots from the day `first` to the day `last`, by tick and expiry.

        `expiry` is nearest, next or all, of those recorded on each day, or a date. Each snapshot
        comes once and whole: one that is not whole raises IncompleteSnapshot. A day is read in
        pages of 10,000 contracts, and 100,000 of them are in memory at most.
        """
        recorded = RecordedDays(self._http, symbol)
        for day in days_between(first, min(day_of(last), today())):
            yield from recorded.snapshots(day, expiry)

    def latest(self, symbol: str, *, expiry: Expiry = "nearest") -> Snapshot:
        """Return the newest snapshot of one expiry."""
        return snapshot_of_chain(self._http.get(chain_path(symbol), _of_one(expiry)))

    def as_of(self, symbol: str, moment: Moment, *, expiry: Expiry = "nearest") -> Snapshot:
        """Return the snapshot that was the newest at a moment; of a date at its end."""
        query = {**_of_one(expiry), "as_of": moment_text(moment)}
        return snapshot_of_chain(self._http.get(chain_path(symbol), query))

    def follow(
        self, symbol: str, *, expiry: Expiry = "nearest", every: float = 5.0
    ) -> Iterator[Snapshot]:
        """Yield the newest snapshot, and then each new one; asks every so many seconds, for ever.

        The entity tag is sent, so that an unchanged chain costs no bytes. After an expiry has
        ended, `nearest` goes on with the next one. None is older than the one before it.
        """
        headers: dict[str, str] = {}
        newest: Snapshot | None = None
        while True:
            answer = self._http.get_changed(chain_path(symbol), _of_one(expiry), headers)
            if answer is not None:
                found = snapshot_of_chain(answer)
                if newest is None or _follows(found, newest):
                    newest = found
                    yield found
            self._sleep(every)

    def history(
        self,
        symbol: str,
        strike: float,
        side: Side,
        first: Moment,
        last: Moment,
        *,
        expiry: Expiry = "nearest",
    ) -> Iterator[Record]:
        """Yield the documents of one contract, by tick, as the API has them."""
        yield from self._series(symbol, (strike, side), first, last, expiry, None)

    def candles(
        self,
        symbol: str,
        strike: float,
        side: Side,
        first: Moment,
        last: Moment,
        *,
        interval: str,
        expiry: Expiry = "nearest",
    ) -> Iterator[Record]:
        """Yield the candles of one contract, as the API has them; `interval` is 5m, 1d or such."""
        yield from self._series(symbol, (strike, side), first, last, expiry, interval)

    def analytics(
        self,
        symbol: str,
        metrics: Sequence[str],
        first: Moment,
        last: Moment,
        *,
        expiry: Expiry = "nearest",
        interval: str | None = None,
    ) -> Iterator[Record]:
        """Yield analytics through time, such as `pcr_oi` and `atm_iv`, as the API has them."""
        query = {
            "metric": ",".join(metrics),
            "interval": interval,
            **_within(first, last, expiry),
        }
        yield from self._http.records(f"{chain_path(symbol)}/analytics/history", query)

    def gaps(self, symbol: str, day: Day) -> Record:
        """Return what was not recorded on a day, and why, as the API has it."""
        return self._http.get(f"{chain_path(symbol)}/gaps", {"date": str(day_of(day))})

    def _series(
        self,
        symbol: str,
        contract: tuple[float, Side],
        first: Moment,
        last: Moment,
        expiry: Expiry,
        interval: str | None,
    ) -> Iterator[Record]:
        strike, side = contract
        query = {
            "strike": strike,
            "option_type": side,
            "interval": interval,
            **_within(first, last, expiry),
            "limit": MOST_DOCUMENTS,
        }
        yield from self._http.records(f"{chain_path(symbol)}/history", query)


def _within(first: Moment, last: Moment, expiry: Expiry) -> dict[str, str | int]:
    return {
        "from": moment_text(first),
        "to": moment_text(last),
        "expiry": expiry_text(expiry),
        "limit": MOST_RECORDS,
    }


def _of_one(expiry: Expiry) -> dict[str, str]:
    if expiry == "all":
        raise ValueError("a snapshot is of one expiry: give nearest, next or a date")
    return {"expiry": expiry_text(expiry)}


def _follows(found: Snapshot, before: Snapshot) -> bool:
    """Whether a snapshot is a later one, or the same tick's of another expiry."""
    is_other = found.expiry != before.expiry
    return found.at > before.at or (found.at == before.at and is_other)
