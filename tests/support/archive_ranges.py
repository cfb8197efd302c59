"""The requests about ranges of time that are answered alike wherever their days are."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

from starlette.testclient import TestClient

from tests.support.archive_requests import Answered, Asked, Parameters, answer, asked
from tests.support.archived_week import DAYS, OF_MONDAY, SYMBOLS

# The first page of a list, and those that follow it.
type Pages = tuple[Answered, ...]

_MOST_PAGES = 12
_NEXT = "23-Jun-2026"
_RANGES: tuple[Parameters, ...] = (
    {},
    {"from": "2026-06-15", "to": "2026-06-15"},
    {"from": "2026-06-15", "to": "2026-06-19"},
    {"from": "2026-06-01"},
    {"from": "2026-06-15T09:15:10+05:30", "to": "2026-06-18T12:30:05+05:30"},
    {"from": "2026-06-16T09:40:00.001+05:30", "to": "2026-06-17T15:20:00.0009+05:30"},
    {"from": "2026-06-17", "to": "2026-06-17T09:10+05:30"},
    {"from": "2026-06-13", "to": "2026-06-14"},
    {"from": "2026-06-20", "to": "2026-06-20"},
)
_HISTORIES: tuple[Parameters, ...] = (
    {},
    {"limit": "2"},
    {"columns": "fetched_at,last_price,iv_as_of,source,listed_on", "format": "csv"},
    {"interval": "1d"},
    {"interval": "30m", "limit": "2"},
    {"interval": "5s", "format": "ndjson"},
)
_ANALYTICS: tuple[Parameters, ...] = (
    {},
    {"limit": "5"},
    {"expiry": _NEXT, "metric": "pcr_oi,atm_iv,max_pain", "format": "csv"},
    {"interval": "1d"},
    {"interval": "1h", "limit": "2", "metric": "forward,total_gamma_exposure_rupees"},
)
_SNAPSHOTS: tuple[Parameters, ...] = (
    {"expiry": "all"},
    {"expiry": "all", "limit": "4", "format": "ndjson"},
    {"limit": "7"},
    {"expiry": _NEXT},
)
_DISAGREEMENTS: tuple[Parameters, ...] = ({}, {"limit": "1"}, {"expiry": _NEXT})
# Of the nearest expiry of every day of the week there is none: this one has all of them.
_CONTRACTS: tuple[Parameters, ...] = (
    {"option_type": "CE"},
    {},
)
_WINDOWS: tuple[Parameters, ...] = (
    {"strikes_around_atm": "1", "expiry": _NEXT},
    {"strike_min": "10", "expiry": _NEXT, "option_type": "PE"},
    {"strike_max": "100000"},
    {"strike": "1", "expiry": _NEXT},
)


def ranges(api: TestClient) -> Iterator[Asked]:
    """Yield every request about a range; the API tells which strikes there are."""
    for symbol in (*SYMBOLS, OF_MONDAY):
        chain = f"/option-chain/{quote(symbol)}"
        for bounds, (path, own) in product(_RANGES, _lists(api, chain)):
            yield asked(f"{chain}{path}", own | bounds)
        # Of a day without a seal nobody knows any more whether it was recorded.
        for day in DAYS[:1] if symbol == OF_MONDAY else DAYS:
            yield asked(f"{chain}/gaps", {"date": str(day)})


def _lists(api: TestClient, chain: str) -> Iterator[tuple[str, Parameters]]:
    answer = api.get(f"{chain}/strikes", params={"as_of": str(DAYS[0])}).json()
    strike, expiry = str(answer["strike_prices"][1]), answer["expiry_date"]
    named = [{"strike": strike, "expiry": expiry} | each for each in _CONTRACTS]
    for contracts, how in product((*named, *_WINDOWS), _HISTORIES):
        yield "/history", contracts | how
    for lists, path in (
        (_ANALYTICS, "/analytics/history"),
        (_SNAPSHOTS, "/snapshots"),
        (_DISAGREEMENTS, "/disagreements"),
    ):
        yield from ((path, each) for each in lists)


def pages(api: TestClient, request: Asked) -> Pages:
    """Return the pages of a list, by their links; at most twelve."""
    found = [answer(api, request)]
    while len(found) < _MOST_PAGES and (link := found[-1].headers.get("link")):
        cursor = link.partition("cursor=")[2].partition(">")[0]
        found.append(answer(api, asked(request.path, {"cursor": cursor})))
    return tuple(found)
