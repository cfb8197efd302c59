"""Every lie that the monkey's exchange may tell, by name."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import NamedTuple

from chain_fetch.nse.refusals import check_status
from chain_fetch.refused import Refused
from tests.support.bodies import Json, body, encoded, exchange_timestamp_text
from tests.support.monkey.true_market import chain_at, stamp_at

_DAY = timedelta(days=1)
_SATURDAY = 5


class Asked(NamedTuple):
    """A request for a chain, and the body that would be the truth."""

    symbol: str
    expiry: date
    now: datetime
    truth: Json


type ChainLie = Callable[[Asked], object]
type ListLie = Callable[[Sequence[date]], object]


def _stamped(change: Callable[[datetime], datetime]) -> ChainLie:
    def lie(asked: Asked) -> Json:
        told = deepcopy(asked.truth)
        stamp = change(stamp_at(asked.now))
        told["records"]["timestamp"] = exchange_timestamp_text(stamp)
        return told

    return lie


def _of_before(back: timedelta, node: int = 0) -> ChainLie:
    def lie(asked: Asked) -> Json:
        return chain_at(asked.symbol, asked.expiry, stamp_at(asked.now - back), node)

    return lie


def _of_rows(kept: slice) -> ChainLie:
    """Leave out rows, in all that the body says of itself."""
    return lambda asked: _again(asked, asked.truth["records"]["data"][kept])


def _one_row_in_spite_of_its_strikes(asked: Asked) -> Json:
    told = deepcopy(asked.truth)
    told["records"]["data"] = told["records"]["data"][:1]
    return told


def _without_a_leg(asked: Asked) -> Json:
    rows = deepcopy(asked.truth["records"]["data"])
    del rows[2]["PE"]
    return _again(asked, rows)


def _again(asked: Asked, rows: Sequence[Json]) -> Json:
    underlying = asked.truth["records"]["underlyingValue"]
    return body(rows, stamp=stamp_at(asked.now), underlying=underlying)


def _of_another(asked: Asked) -> Json:
    other = "IDEA" if asked.symbol == "NIFTY" else "NIFTY"
    return chain_at(other, asked.expiry, stamp_at(asked.now))


def _of_another_expiry(asked: Asked) -> Json:
    return chain_at(asked.symbol, asked.expiry + _DAY, stamp_at(asked.now))


def _always(answer: object) -> ChainLie:
    return lambda _: answer


def _status(status: int, text: bytes = b"", **headers: str) -> ChainLie:
    def lie(_: Asked) -> object:
        check_status(
            status, {name.replace("_", "-"): value for name, value in headers.items()}, text
        )
        raise AssertionError(f"{status} passed for an answer")

    return lie


def _no_answer(_: Asked) -> object:
    raise Refused("timeout", "no answer in time")


CHAIN_LIES: dict[str, ChainLie] = {
    "stamped three minutes ahead": _stamped(lambda stamp: stamp + timedelta(minutes=3)),
    "stamped a day ahead": _stamped(lambda stamp: stamp + _DAY),
    "stamped a year ahead": _stamped(lambda stamp: stamp + 365 * _DAY),
    "stamped 9999": _stamped(lambda stamp: stamp.replace(year=9999)),
    "stamped ten minutes behind": _stamped(lambda stamp: stamp - timedelta(minutes=10)),
    "stamped yesterday": _stamped(lambda stamp: stamp - _DAY),
    "a node that is behind": _of_before(timedelta(seconds=60)),
    "a node that disagrees": _of_before(timedelta(), node=1),
    "the day before's chain": _of_before(_DAY),
    "one row of six": _of_rows(slice(0, 1)),
    "five rows of six": _of_rows(slice(0, 5)),
    "one row under six strikes": _one_row_in_spite_of_its_strikes,
    "a leg less": _without_a_leg,
    "another symbol's chain": _of_another,
    "another expiry's chain": _of_another_expiry,
    "{}": _always({}),
    "null": _always(None),
    "[]": _always([]),
    "no records": _always({"records": {}}),
    "no rows": _always({"records": {"data": [], "timestamp": ""}}),
    "no JSON": _always(b"<html>Resource"),
    "half a body": _always(b'{"records": {"data": ['),
    "401": _status(401),
    "403": _status(403),
    "403 for ten minutes": _status(403, b"Access Restricted"),
    "421": _status(421),
    "429": _status(429),
    "429 for a while": _status(429, Retry_After="45"),
    "503": _status(503),
    "no answer": _no_answer,
}

LIST_LIES: dict[str, ListLie] = {
    "without the nearest": lambda days: days[1:],
    "without the last": lambda days: days[:-1],
    "the nearest alone": lambda days: days[:1],
    "none": lambda _: [],
    "only past ones": lambda days: [days[0] - 30 * _DAY],
    "one that is not listed": lambda days: [days[0] + _DAY, *days],
    "no list": lambda _: None,
}


def _days_from(day: date, count: int) -> list[date]:
    return [day + number * _DAY for number in range(count)]


HOLIDAY_LIES: dict[str, Callable[[date], list[date]]] = {
    "61 days in a row": lambda today: _days_from(today, 61),
    "today": lambda today: [today],
    "tomorrow": lambda today: [today + _DAY],
    "none": lambda _: [],
    "another year's": lambda today: [date(today.year - 1, month, 15) for month in range(1, 13)],
    "weekends": lambda today: [day for day in _days_from(today, 60) if day.weekday() >= _SATURDAY],
}


def as_bytes(answer: object) -> bytes:
    """Return an answer as it is sent."""
    return answer if isinstance(answer, bytes) else encoded(answer)
