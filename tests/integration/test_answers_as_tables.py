"""Every layout and format has the same numbers, also after pandas has read them."""

from collections.abc import Mapping, Sequence
from io import StringIO
from random import Random
from typing import Any

import orjson
import pandas as pd
import pytest
from starlette.testclient import TestClient

from chain_api.parameters.columns import COLUMNS
from tests.integration.conftest import Stored
from tests.support.histories import DAYS, Json, ask, iso, legs

CHAIN = "/option-chain/M%26M"
RANGE: Mapping[str, Any] = {"from": DAYS[0], "to": DAYS[2], "limit": 2_000}
# Lists of flat records: their path and what is asked.
LISTS: Mapping[str, tuple[str, Json]] = {
    "history": ("/history", {"strike_min": 2975}),
    "one contract": ("/history", {"identifier": "M&M_CE_2962.5_30-Jun-2026"}),
    "columns of a history": (
        "/history",
        {"strike": 3000, "columns": "last_price,fetched_at,type,implied_volatility"},
    ),
    "candles": ("/history", {"strike_min": 2975, "interval": "15m"}),
    "snapshots": ("/snapshots", {"expiry": "all"}),
    "changes": ("/changes", {"from": "2026-06-18T11:00", "to": "2026-06-19T11:00", "limit": 500}),
    "nothing": ("/history", {"strike_min": 3900}),
}
SHARED = ("symbol", "fetched_at", "underlying_value", "expiry", "exchange_timestamp")
SEED = 21


def text(api: TestClient, path: str, form: str, media_type: str, **query: str) -> str:
    """Return an answer in a format; the parameter and the Accept header give the same."""
    response = api.get(path, params={**query, "format": form})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith(media_type)
    negotiated = api.get(path, params=dict(query), headers={"accept": media_type})
    assert negotiated.content == response.content
    return response.text


def csv(api: TestClient, path: str, **query: str) -> str:
    return text(api, path, "csv", "text/csv", **query)


def ndjson(api: TestClient, path: str, **query: str) -> list[Json]:
    return by_line(text(api, path, "ndjson", "application/x-ndjson", **query))


def by_pandas(table: str) -> list[Json]:
    """Return the records of a CSV as pandas reads them; NaN is null."""
    frame = pd.read_csv(StringIO(table))  # of pandas 3.1: floats round-trip
    names, columns = frame.columns, [frame[name].tolist() for name in frame.columns]
    rows = zip(*columns, strict=True)
    return [
        {name: None if pd.isna(value) else value for name, value in zip(names, row, strict=True)}
        for row in rows
    ]


def picked(records: Sequence[Json], names: Sequence[str]) -> list[Json]:
    return [{name: record[name] for name in names} for record in records]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_the_same_as_json_csv_and_ndjson(stored: Stored, name: str) -> None:
    """Every number to the last bit, every null empty, in the same order under the same names."""
    path, query = LISTS[name]
    given = {name: str(value) for name, value in {**RANGE, **query}.items()}
    records = stored.api.get(CHAIN + path, params=given).json()["records"]
    assert bool(records) == (name != "nothing")
    table = csv(stored.api, CHAIN + path, **given)
    assert by_pandas(table) == records
    assert ndjson(stored.api, CHAIN + path, **given) == records
    head = table.partition("\r\n")[0].split(",")
    assert all(list(record) == head for record in records)
    assert head == query.get("columns", ",".join(head)).split(",")


MOMENTS = ("2026-06-18T13:00", "2026-06-22")
CHOSEN = (None, "open_interest,bid_qty,last_price,identifier", "strike_price,type", "symbol")


def flat(rows: Sequence[Json], names: Sequence[str]) -> list[Json]:
    """Return the rows of a chain as a table has them: call, strike and shared columns, put."""
    middle = [name for name in names if name in SHARED]
    own = [n for n in names if n not in (*SHARED, "type", "strike_price", "expiry_date")]
    return [
        {f"call_{name}": (row["call"] or {}).get(name) for name in own}
        | {name: row[name] for name in ("expiry_date", "strike_price")}
        | {name: (row["call"] or row["put"])[name] for name in middle}
        | {f"put_{name}": (row["put"] or {}).get(name) for name in own}
        for row in rows
    ]


@pytest.mark.parametrize("columns", CHOSEN)
@pytest.mark.parametrize("expiry", ["nearest", "all"])
@pytest.mark.parametrize("at", MOMENTS)
def test_forms_of_a_chain_agree(stored: Stored, at: str, expiry: str, columns: str | None) -> None:
    """Sides, rows and columns; JSON, CSV and NDJSON; `columns` gives exactly these."""
    given = {"as_of": at, "expiry": expiry}
    names = columns.split(",") if columns else list(COLUMNS)
    whole = ask(stored.api, "", **given)
    contracts = sorted(legs(whole), key=lambda leg: (leg["expiry"], leg["strike_price"]))
    wanted = picked(contracts, names)
    if columns:
        given["columns"] = columns
    answers = {name: ask(stored.api, "", **given, layout=name) for name in LAYOUTS}

    sides = answers["sides"]
    assert sides["calls"] == picked(whole["calls"], names)
    assert sides["puts"] == picked(whole["puts"], names)
    table = answers["columns"]["columns"]
    assert list(table) == names
    assert [
        dict(zip(names, row, strict=True)) for row in zip(*table.values(), strict=True)
    ] == wanted
    rows = answers["rows"]["rows"]
    assert [leg for row in rows for leg in (row["call"], row["put"]) if leg] == wanted
    for layout, answer in answers.items():
        assert answer["layout"] == layout
        assert {name: answer[name] for name in HEAD} == {name: whole[name] for name in HEAD}
        expected = flat(rows, names) if layout == "rows" else wanted
        assert by_pandas(csv(stored.api, CHAIN, **given, layout=layout)) == expected
        assert ndjson(stored.api, CHAIN, **given, layout=layout) == expected


LAYOUTS = ("sides", "rows", "columns")
HEAD = (
    *("symbol", "expiry_date", "underlying_value", "timestamp", "last_seen_at", "age_seconds"),
    *("exchange_timestamp", "gap", "expiries", "total_calls", "total_puts"),
)


def test_columns_of_a_chain_are_a_data_frame_as_they_are(stored: Stored) -> None:
    answer = ask(stored.api, "", as_of=DAYS[1], layout="columns")
    frame = pd.DataFrame(answer["columns"])
    assert len(frame) == answer["total_calls"] + answer["total_puts"]
    assert frame["open_interest"].sum() == pytest.approx(sum(answer["columns"]["open_interest"]))


FILTERS: Sequence[Json] = (
    {},
    {"option_type": "PE", "expiry_date": "nearest"},
    {"strike_price_min": 2987.5, "strike_price_max": 3025},
    {"strikes_around_atm": 2},
    {"min_open_interest": 36, "min_volume": 3},
    {"expiry_date": "28-Jul-2026", "columns": ["identifier", "last_price", "fetched_at"]},
)


def as_chain_query(body: Json) -> Json:
    """Return the query of a chain that means the same as a filter's body."""
    names = {"strike_price_min": "strike_min", "strike_price_max": "strike_max"}
    query = {names.get(name, name): value for name, value in body.items() if name != "columns"}
    return {"expiry": query.pop("expiry_date", "all"), **query}


@pytest.mark.parametrize("body", FILTERS, ids=lambda body: ",".join(body) or "everything")
def test_a_filter_finds_what_a_chain_shows_under_its_conditions(stored: Stored, body: Json) -> None:
    """As of any moment, page by page, and as CSV and NDJSON."""
    snapshots = Random(SEED).sample(stored.sessions.snapshots, 6)
    for at in (iso(each.fetched_at) for each in snapshots):
        chain = ask(stored.api, "", as_of=at, **as_chain_query(body))
        contracts = sorted(legs(chain), key=lambda leg: (leg["expiry"], leg["strike_price"]))
        wanted = picked(contracts, body.get("columns", COLUMNS))
        given = {**body, "symbol": "M&M", "as_of": at}
        answer = post(stored.api, {**given, "limit": 5_000})
        assert answer["records"] == wanted
        assert answer["total_records"] == len(wanted)
        assert [answer[name] for name in SEEN] == [chain[name] for name in SEEN]
        for form, read in (("csv", by_pandas), ("ndjson", by_line)):
            content = {**given, "limit": 5_000, "format": form}
            assert read(stored.api.post("/option-chain/filter", json=content).text) == wanted
        assert paged(stored.api, {**given, "limit": 7}) == wanted


SEEN = ("symbol", "timestamp", "last_seen_at", "exchange_timestamp", "age_seconds", "gap")


def post(api: TestClient, body: Json | None, link: str = "filter") -> Json:
    response = api.post(f"/option-chain/{link}", json=body)
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


def by_line(lines: str) -> list[Json]:
    return [orjson.loads(line) for line in lines.splitlines()]


def paged(api: TestClient, body: Json) -> list[Json]:
    """The records of all pages, by their links."""
    answer = post(api, body)
    records: list[Json] = answer["records"]
    while link := answer["next"]:
        answer = post(api, None, link)
        records += answer["records"]
    return records
