"""Changes are the difference between the chains as of two moments."""

from datetime import date, timedelta
from random import Random

import pytest
from starlette.testclient import TestClient

from tests.integration.conftest import Stored
from tests.support.histories import DAYS, EXPIRY, LATER, Json, ask, every, iso, ist, legs

LAST = ist(DAYS[2], "18:00")
SEED = 3
MEASURES = ("open_interest", "total_traded_volume", "last_price", "implied_volatility")


def difference(before: Json, after: Json, name: str) -> float | None:
    start, end = before.get(name), after.get(name)
    return None if start is None or end is None else round(end - start, 4)


def changes_between(api: TestClient, start: str, end: str, **query: object) -> list[Json]:
    """Return the difference between two chains as of moments, contract by contract."""
    earlier, later = (ask(api, "", as_of=at, **query) for at in (start, end))
    before, after = ({leg["identifier"]: leg for leg in legs(each)} for each in (earlier, later))
    one_day = ist_day(earlier) == ist_day(later)
    found = []
    for leg in legs({"calls": list((before | after).values()), "puts": []}):
        ends = before.get(leg["identifier"], {}), after.get(leg["identifier"], {})
        row = {name: leg[name] for name in ("type", "strike_price", "expiry_date", "identifier")}
        for name in MEASURES:
            row[f"{name}_from"], row[f"{name}_to"] = (end.get(name) for end in ends)
            comparable = one_day or name != "total_traded_volume"
            row[f"{name}_change"] = difference(*ends, name) if comparable else None
        found.append(row)
    return found


def ist_day(chain: Json) -> str:
    """The day of a chain: sessions lie within one day of UTC."""
    return str(chain["timestamp"])[:10]


def moments(stored: Stored, number: int) -> list[tuple[str, str]]:
    """Pairs of moments, in order; some at ticks, some between."""
    random, first = Random(SEED), stored.sessions.snapshots[0].fetched_at
    span = LAST - first
    pairs = (sorted(random.random() for _ in range(2)) for _ in range(number))
    return [(iso(first + span * low), iso(first + span * high)) for low, high in pairs]


@pytest.mark.parametrize("expiry", [EXPIRY, LATER])
def test_changes_are_the_difference_of_the_chains_of_moments(stored: Stored, expiry: date) -> None:
    """Contract by contract; null where one side is absent, and for volumes of two days."""
    one_sided = across = 0
    for start, end in moments(stored, 25):
        answer = ask(stored.api, "/changes", from_=start, to=end, expiry=expiry)
        assert answer["records"] == changes_between(stored.api, start, end, expiry=expiry)
        one_sided += any(row["open_interest_change"] is None for row in answer["records"])
        across += answer["from"]["timestamp"][:10] != answer["to"]["timestamp"][:10]
        for name, at in (("from", start), ("to", end)):
            chain = ask(stored.api, "", as_of=at, expiry=expiry)
            assert answer[name] == {key: chain[key] for key in answer[name]}
        moved = difference(answer["from"], answer["to"], "underlying_value")
        assert answer["underlying_change"] == moved
    assert one_sided
    assert 0 < across < 25


@pytest.mark.parametrize(
    "query",
    [
        {"option_type": "PE"},
        {"strike_min": 3000, "strike_max": 3037.5},
        {"strikes_around_atm": 1},
        {"min_open_interest": 36},
        {"min_volume": 5},
    ],
)
def test_changes_are_of_those_wanted_at_the_later_moment(stored: Stored, query: Json) -> None:
    kept = 0
    for start, end in moments(stored, 8):
        later = {leg["identifier"] for leg in legs(ask(stored.api, "", as_of=end, **query))}
        given = ask(stored.api, "/changes", from_=start, to=end, **query)["records"]
        whole = changes_between(stored.api, start, end)
        if "strikes_around_atm" in query or "min_open_interest" in query or "min_volume" in query:
            assert given == [row for row in whole if row["identifier"] in later]
        else:
            wanted = {leg["identifier"] for leg in legs(ask(stored.api, "", as_of=start, **query))}
            assert given == [row for row in whole if row["identifier"] in later | wanted]
        kept += len(given)
    assert kept


@pytest.mark.parametrize("sort", ["open_interest_change", "-total_traded_volume_change"])
@pytest.mark.parametrize("number", range(3))
def test_changes_in_order_are_the_same_changes(stored: Stored, sort: str, number: int) -> None:
    """Those without the number come last in either order; pages follow the order, too."""
    start, end = moments(stored, 3)[number]
    plain = ask(stored.api, "/changes", from_=start, to=end)["records"]
    name, sign = sort.removeprefix("-"), -1 if sort.startswith("-") else 1
    expected = sorted(plain, key=lambda row: (row[name] is None, sign * (row[name] or 0.0)))
    found = every(stored.api, "/changes", from_=start, to=end, sort=sort, limit=4)
    assert found == expected


def test_changes_of_the_last_minutes_are_those_before_their_end(stored: Stored) -> None:
    end = iso(LAST)
    ago = ask(stored.api, "/changes", from_="-4h", to=end)
    named = ask(stored.api, "/changes", from_=iso(LAST - timedelta(hours=4)), to=end)
    assert ago == named
    assert ago["from"]["timestamp"] < ago["to"]["timestamp"]
