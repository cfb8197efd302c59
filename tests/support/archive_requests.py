"""The requests whose answers must not tell that their days have left the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import product
from typing import NamedTuple
from urllib.parse import quote, urljoin

import orjson
from starlette.testclient import TestClient

from optionchain.exchange_time import IST
from tests.support.archived_week import DAYS, MONDAY, OF_MONDAY, SYMBOLS, at

type Parameters = dict[str, str]


class Asked(NamedTuple):
    """A request: a GET with parameters, or a POST with a body of JSON."""

    path: str
    parameters: tuple[tuple[str, str], ...] = ()
    body: str = ""


class Answered(NamedTuple):
    """What must be the same wherever it was read."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def link(self) -> str | None:
        """Return the address of the next page, relative to this one."""
        named = self.headers.get("link", "")
        return named.partition(">")[0].removeprefix("<") or None


# They differ from request to request, or say where the answer was read.
_OF_THE_REQUEST = {"x-storage", "x-request-id", "date"}
_JSON = {"Content-Type": "application/json"}
_TRIES = 5
_NEAR = "16-Jun-2026"  # it ends on Tuesday
_NEXT = "23-Jun-2026"
_NEVER = "01-Jan-2031"

# Of a chain at a moment.
_CHAINS: tuple[Parameters, ...] = (
    {},
    {"expiry": "next"},
    {"expiry": "all"},
    {"expiry": _NEAR},
    {"expiry": _NEXT, "layout": "rows"},
    {"expiry": _NEVER},
    {"layout": "columns", "expiry": "all"},
    {"strikes_around_atm": "1"},
    {"strikes_around_atm": "1", "expiry": "all", "layout": "rows"},
    {"option_type": "CE", "strike_min": "20", "strike_max": "24300"},
    {"min_open_interest": "5", "expiry": "all"},
    {"min_volume": "100", "columns": "strike_price,type,last_price,listed_on"},
    {"columns": "open_interest,iv_as_of", "option_type": "CE"},
    {"greeks": "true"},
    {"greeks": "true", "iv_source": "exchange", "expiry": "all", "format": "csv"},
    {"format": "csv"},
    {"format": "ndjson", "expiry": "all"},
)
_PARTS: tuple[tuple[str, Parameters], ...] = (
    ("/strikes", {}),
    ("/strikes", {"expiry": _NEXT}),
    ("/expiry-dates", {}),
    ("/analytics", {}),
    ("/analytics", {"expiry": "next", "iv_source": "exchange"}),
    ("/analytics", {"format": "csv"}),
    ("/analytics/smile", {}),
    ("/analytics/smile", {"expiry": "next", "format": "ndjson"}),
    ("/analytics/open-interest", {}),
    ("/analytics/open-interest", {"expiry": _NEXT, "format": "csv"}),
    ("/analytics/gamma-exposure", {"expiry": "all"}),
    ("/analytics/term-structure", {}),
    ("/analytics/iv-rank", {}),
    ("/analytics/surface", {"format": "csv"}),
)
_FILTERS: tuple[dict[str, object], ...] = (
    {},
    {"expiry_date": "nearest", "option_type": "PE"},
    {"min_open_interest": 5, "limit": 7, "offset": 3},
    {"strikes_around_atm": 1, "columns": ["identifier", "open_interest"], "format": "csv"},
)
_CHANGES: tuple[Parameters, ...] = (
    {"from": "previous_close"},
    {"from": "previous_close", "expiry": "next", "format": "csv"},
    {"from": "2026-06-15T09:15:05+05:30", "expiry": _NEXT, "limit": "4"},
    {"from": "2026-06-16T11:00+05:30", "strikes_around_atm": "1"},
)

_LISTS: tuple[tuple[str, Parameters], ...] = (
    ("/snapshots", {"expiry": "all", "from": "2026-06-15", "limit": "20"}),
    ("/snapshots", {"format": "csv"}),
    ("/history", {"strikes_around_atm": "1", "from": "2026-06-16", "limit": "9"}),
    ("/history", {"strikes_around_atm": "0", "interval": "1h", "expiry": _NEXT}),
    ("/history", {"strikes_around_atm": "1", "interval": "1d", "from": "2026-06-15"}),
    ("/history", {"strikes_around_atm": "0", "greeks": "true", "from": "2026-06-16"}),
    ("/history", {"strike": "24300", "interval": "1d", "greeks": "true", "format": "csv"}),
    ("/analytics/history", {"from": "2026-06-15", "metric": "pcr_oi,atm_iv"}),
    ("/analytics/history", {"from": "2026-06-15", "interval": "1h", "limit": "3"}),
    ("/analytics/open-interest/history", {"from": "2026-06-15", "interval": "1h", "limit": "3"}),
    ("/analytics/open-interest/history", {"interval": "1d", "expiry": _NEXT, "format": "csv"}),
)


def moments() -> list[datetime]:
    """Return moments at, between, before and after the ticks of the week."""
    around = ("09:00:00", "09:15:05", "09:15:12", "10:30:00", "12:30:05", "12:40:00", "16:00:00")
    found = [at(day, text) for day, text in product(DAYS, (*around, "20:00:00"))]
    weekend = timedelta(days=5, hours=3)
    return [at(MONDAY, "09:00:00") - timedelta(days=2), *found, at(MONDAY, "09:00:00") + weekend]


def at_moment(moment: datetime) -> Iterator[Asked]:
    """Yield every request about a moment."""
    text = moment.astimezone(IST).isoformat()
    for symbol in (*SYMBOLS, OF_MONDAY):
        chain = f"/option-chain/{quote(symbol)}"
        for parameters in _CHAINS:
            yield asked(chain, parameters | {"as_of": text})
        for path, parameters in _PARTS:
            yield asked(chain + path, parameters | {"as_of": text})
        for parameters in _CHANGES:
            yield asked(f"{chain}/changes", parameters | {"to": text})
        for path, parameters in _LISTS:
            yield asked(chain + path, parameters | {"to": text})
        for body in _FILTERS:
            content = {"symbol": symbol, "as_of": text} | body
            yield Asked("/option-chain/filter", body=orjson.dumps(content).decode())
    yield asked("/option-chain/NEVER", {"as_of": text})


def of_days() -> Iterator[Asked]:
    """Yield requests about the ledger of each day of the week."""
    for symbol, day in product(SYMBOLS, DAYS):
        yield asked(f"/option-chain/{quote(symbol)}/gaps", {"date": day.isoformat()})


def next_page(request: Asked, before: Answered) -> Asked | None:
    """Return the request for the page that an answer links to."""
    link = before.link
    return Asked(urljoin(request.path, link)) if link else None


def latest() -> Iterator[Asked]:
    """Yield requests about the newest snapshots, whatever their age."""
    for symbol in (*SYMBOLS, OF_MONDAY):
        chain = f"/option-chain/{quote(symbol)}"
        for parameters in ({}, {"expiry": "all"}, {"expiry": _NEAR}, {"expiry": _NEXT}):
            yield asked(chain, parameters)
        yield asked(f"{chain}/analytics", {})
        yield asked(f"{chain}/strikes", {})
        yield asked(f"{chain}/changes", {"from": "2026-06-15T11:00+05:30"})
    yield asked("/option-chain/NEVER", {})


def asked(path: str, parameters: Parameters) -> Asked:
    """Return a GET."""
    return Asked(path, tuple(parameters.items()))


def answer(api: TestClient, request: Asked) -> Answered:
    """Return what is answered; where MongoDB has not answered in time, it is asked again."""
    for _ in range(_TRIES):
        if "/filter" in request.path:
            found = api.post(request.path, content=request.body or None, headers=_JSON)
        else:
            found = api.get(request.path, params=dict(request.parameters) or None)
        if found.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            break
    told = {name: value for name, value in found.headers.items() if name not in _OF_THE_REQUEST}
    return Answered(found.status_code, told, found.content)
