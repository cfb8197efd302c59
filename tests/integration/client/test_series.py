"""Series of the client are what plain requests answer."""

import json
from typing import Any
from urllib.parse import urljoin

import pytest

from optionchain_client import Client
from optionchain_client.dates import expiry_text
from optionchain_client.recorded_days import MOST_DOCUMENTS
from tests.support.archived_week import DAYS, FRIDAY, MONDAY
from tests.support.recorded_week import RecordedWeek


def plain(recorded: RecordedWeek, path: str, **query: str | float) -> list[Any]:
    """Return the records of all pages."""
    api = recorded.api()
    answer = api.get(f"/option-chain/NIFTY/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found = list(answer.json()["records"])
    while link := answer.json()["next"]:
        answer = api.get(urljoin(str(answer.url), link))
        found += answer.json()["records"]
    return found


@pytest.fixture
def api(recorded: RecordedWeek) -> Client:
    return recorded.source()


def test_history_and_candles_are_those_of_plain_requests(
    recorded: RecordedWeek, api: Client
) -> None:
    last = list(api.chains("NIFTY", FRIDAY, FRIDAY))[-1]
    strike = last.contracts[0].strike_price
    query: dict[str, Any] = {"strike": strike, "option_type": "CE", "from": str(MONDAY)}
    query |= {"to": str(FRIDAY), "expiry": expiry_text(last.expiry), "limit": 3}
    contract: Any = ("NIFTY", strike, "CE", MONDAY, FRIDAY)
    history = list(api.history(*contract, expiry=last.expiry))
    assert len(history) > 3
    assert history == plain(recorded, "history", **query)
    candles = list(api.candles(*contract, expiry=last.expiry, interval="1d"))
    assert len(candles) > 1
    assert candles == plain(recorded, "history", **query, interval="1d")


def test_page_of_whole_documents_may_be_answered(api: Client) -> None:
    """Lambda answers 6 MB at most; a page of 10,000 documents is more."""
    last = list(api.chains("NIFTY", FRIDAY, FRIDAY))[-1]
    strike = last.contracts[0].strike_price
    found = list(api.history("NIFTY", strike, "CE", MONDAY, FRIDAY, expiry=last.expiry))
    largest = max(len(json.dumps(each, separators=(",", ":"))) for each in found)
    # Real numbers have more digits than simulated ones: 710 bytes a document.
    assert MOST_DOCUMENTS * max(largest, 710) < 5_000_000


@pytest.mark.parametrize("interval", [None, "1d"])
def test_analytics_are_those_of_plain_requests(
    recorded: RecordedWeek, api: Client, interval: str | None
) -> None:
    names = ["pcr_oi", "atm_iv"]
    query: dict[str, Any] = {"metric": ",".join(names), "from": str(MONDAY), "to": str(FRIDAY)}
    pages = {"interval": interval} if interval else {"limit": 3}
    expected = plain(recorded, "analytics/history", **query, **pages)
    assert list(api.analytics("NIFTY", names, MONDAY, FRIDAY, interval=interval)) == expected
    assert len(expected) >= len(DAYS)


def test_gaps_are_those_of_a_plain_request(recorded: RecordedWeek, api: Client) -> None:
    found = api.gaps("NIFTY", DAYS[2])
    answer = recorded.api().get("/option-chain/NIFTY/gaps", params={"date": str(DAYS[2])})
    assert found == answer.json()
    assert found["gaps"]
