"""Bodies captured from the exchange: each is read whole and to the last field.

The expected numbers come from the bodies themselves, through a second reader that goes leg by leg.
"""

from collections.abc import Callable
from typing import Any

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.nse.refusals import check_status
from chain_fetch.refused import Refused
from optionchain.snapshot import Quote, Snapshot
from tests.support.bodies import absent_leg, encoded, exchange_timestamp_text, leg, row
from tests.support.captured import as_v3
from tests.support.naive_reader import contracts_of, underlying_of
from tests.support.snapshots import TICK

type Captured = Callable[[str], dict[str, Any]]

V3 = "v3/nifty-23-jun-2026.captured-2026-06-19T1737.json.gz"
LEGACY = "legacy/nifty-2025-12-05T131721.json.gz"
# Bodies of all expiries, captured before v3: their symbol and how many contracts they hold.
OLDER = [
    (LEGACY, "NIFTY", 1347),
    ("legacy/universe-2025-07-17/banknifty.json.gz", "BANKNIFTY", 842),
    ("legacy/universe-2025-07-17/finnifty.json.gz", "FINNIFTY", 223),
    ("legacy/universe-2025-07-17/reliance.json.gz", "RELIANCE", 194),
    ("legacy/universe-2025-07-17/m&m.json.gz", "M&M", 85),
    ("legacy/universe-2025-07-17/bajaj-auto.json.gz", "BAJAJ-AUTO", 149),
    ("legacy/universe-2025-07-17/idea.json.gz", "IDEA", 52),
    ("legacy/edge/torn-two-underlyings.json.gz", "NIFTY", 1340),
    ("legacy/edge/zero-underlying-in-9-legs.json.gz", "NIFTY", 1391),
    ("legacy/edge/post-close-rewrite-before.json.gz", "NIFTY", 1384),
    ("legacy/edge/post-close-rewrite-after.json.gz", "NIFTY", 1384),
    ("legacy/edge/muhurat-session-live.json.gz", "NIFTY", 1368),
    ("legacy/edge/holiday-serves-last-session.json.gz", "NIFTY", 1368),
]


def check(body: dict[str, Any], symbol: str = "NIFTY") -> Snapshot:
    """Parse a body and compare every field of every contract with the second reader."""
    chain = parse(encoded(body), symbol, TICK)
    found = {
        (chain.expiry, quote.side, quote.strike_price): dict(
            zip(Quote._fields[1:], quote[1:], strict=True)
        )
        for quote in chain.quotes
    }
    assert found == contracts_of(body)
    assert chain.underlying_value == underlying_of(body)
    assert exchange_timestamp_text(chain.stamp) == body["records"]["timestamp"]
    return chain


@pytest.mark.parametrize(
    ("name", "contracts"), [(V3, 206), ("v3/dialect-pchange-2026-01.trimmed.json", 4)]
)
def test_a_captured_body_is_read_whole(name: str, contracts: int, captured_body: Captured) -> None:
    assert len(check(captured_body(name)).quotes) == contracts


@pytest.mark.parametrize(("name", "symbol", "contracts"), OLDER)
def test_a_body_captured_before_v3_is_read_whole(
    name: str, symbol: str, contracts: int, captured_body: Captured
) -> None:
    body = captured_body(name)
    chains = [check(each, symbol) for each in as_v3(body).values()]
    assert sum(len(chain.quotes) for chain in chains) == contracts == len(contracts_of(body))
    assert {chain.underlying_value for chain in chains} == {underlying_of(body)}


def test_the_captured_absent_leg_gives_no_contract(captured_body: Captured) -> None:
    absent = captured_body("v3/absent-leg-2026-09.trimmed.json")
    assert absent == absent_leg()
    records = {
        "timestamp": "18-Sep-2026 15:40:00",
        "underlyingValue": 24500.5,
        "data": [row(24000, CE=absent, PE=leg("PE", 24000))],
    }
    chain = parse(encoded({"records": records}), "NIFTY", TICK)
    assert [quote.side for quote in chain.quotes] == ["PE"]


@pytest.mark.parametrize("name", ["torn-two-underlyings", "zero-underlying-in-9-legs"])
def test_legs_of_captured_edges_disagree_on_underlying(name: str, captured_body: Captured) -> None:
    """So the tests of these bodies test what they say."""
    rows = captured_body(f"legacy/edge/{name}.json.gz")["records"]["data"]
    legs = [each[side] for each in rows for side in ("CE", "PE") if side in each]
    assert len({values["underlyingValue"] for values in legs}) >= 2


def test_the_captured_page_of_the_rate_limiter_is_known(captured: Callable[[str], bytes]) -> None:
    page = captured("other/rate-limit-403-body-2023-08-25.html")
    with pytest.raises(Refused) as caught:
        check_status(403, {}, page)
    assert (caught.value.reason, caught.value.retry_after) == ("rate_limited", 600.0)
