"""Bodies as they were captured from the exchange: each is read whole and to the last field.

The expected numbers come from the bodies themselves, through a second reading written leg by leg.
"""

from collections.abc import Callable
from typing import Any

import pytest

from chain_fetch.nse.refusals import Refused, check_status
from chain_fetch.payload.parser import parse
from chain_fetch.recording.deduplication import Verdict, commit_of, judge
from optionchain.exchange_time import exchange_timestamp_text, expiry_text
from optionchain.mongo.documents import header_document
from optionchain.snapshot import Quote, Snapshot
from tests.conftest import CAPTURED
from tests.support.bodies import absent_leg, leg, row
from tests.support.naive_reader import contracts_of, underlying_of
from tests.support.snapshots import TICK

type Captured = Callable[[str], dict[str, Any]]

V3 = "v3/nifty-23-jun-2026.captured-2026-06-19T1737.json.gz"
LEGACY = "legacy/nifty-2025-12-05T131721.json.gz"
REPLAY = "v3-from-legacy/nifty-2025-12-05"
# Each with the symbol it is of and how many contracts it holds.
BODIES = [
    (V3, "NIFTY", 206),
    ("v3/dialect-pchange-2026-01.trimmed.json", "NIFTY", 4),
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


def check(body: dict[str, Any], symbol: str) -> list[Snapshot]:
    """Parse a body and compare every field of every contract with the second reading."""
    chains = parse(body, symbol, TICK)
    read = {
        (chain.expiry, quote.side, quote.strike_price): dict(
            zip(Quote._fields[1:], quote[1:], strict=True)
        )
        for chain in chains
        for quote in chain.quotes
    }
    assert read == contracts_of(body)
    for chain in chains:
        assert chain.underlying_value == underlying_of(body)
        assert exchange_timestamp_text(chain.exchange_timestamp) == body["records"]["timestamp"]
    return chains


@pytest.mark.parametrize(("name", "symbol", "contracts"), BODIES)
def test_a_captured_body_is_read_whole(
    name: str, symbol: str, contracts: int, captured_body: Captured
) -> None:
    chains = check(captured_body(name), symbol)
    assert sum(len(chain.quotes) for chain in chains) == contracts


def test_every_body_of_a_captured_session_is_read_whole(captured_body: Captured) -> None:
    captured_body(V3)  # skips where the captures are absent
    paths = sorted((CAPTURED / REPLAY).rglob("*.json.gz"))
    assert len(paths) == 64
    for path in paths:
        (chain,) = check(captured_body(str(path.relative_to(CAPTURED))), "NIFTY")
        assert expiry_text(chain.expiry) == path.name.removesuffix(".json.gz")


def test_a_session_reshaped_into_v3_reads_as_the_legacy_body_it_came_from(
    captured_body: Captured,
) -> None:
    legacy = {chain.expiry: chain for chain in parse(captured_body(LEGACY), "NIFTY", TICK)}
    folder = CAPTURED / REPLAY / "123220-070305Z"
    for path in folder.iterdir():
        (chain,) = parse(captured_body(str(path.relative_to(CAPTURED))), "NIFTY", TICK)
        assert chain.quotes == legacy[chain.expiry].quotes


def test_the_captured_absent_leg_gives_no_contract(captured_body: Captured) -> None:
    absent = captured_body("v3/absent-leg-2026-09.trimmed.json")
    assert absent == absent_leg()
    records = {
        "timestamp": "18-Sep-2026 15:40:00",
        "underlyingValue": 24500.5,
        "data": [row(24000, CE=absent, PE=leg("PE", 24000))],
    }
    (chain,) = parse({"records": records}, "NIFTY", TICK)
    assert [quote.side for quote in chain.quotes] == ["PE"]


def test_legs_of_a_captured_body_disagree_about_the_underlying(captured_body: Captured) -> None:
    """So that the two tests of torn bodies above test what they say."""
    for name, expected in (("torn-two-underlyings", 2), ("zero-underlying-in-9-legs", 2)):
        body = captured_body(f"legacy/edge/{name}.json.gz")
        legs = [
            item[side] for item in body["records"]["data"] for side in ("CE", "PE") if side in item
        ]
        assert len({values["underlyingValue"] for values in legs}) >= expected
        assert {chain.underlying_value for chain in parse(body, "NIFTY", TICK)} == {
            body["records"]["underlyingValue"]
        }


def test_a_captured_rewrite_after_the_close_is_a_revision(captured_body: Captured) -> None:
    """The same exchange timestamp with other content; going back to the first is out of order."""
    before, after = (
        parse(captured_body(f"legacy/edge/post-close-rewrite-{name}.json.gz"), "NIFTY", TICK)
        for name in ("before", "after")
    )
    for old, new in zip(before, after, strict=True):
        assert old.exchange_timestamp == new.exchange_timestamp
        first = header_document(old)
        assert judge(new, first) is Verdict.REVISED
        commit = commit_of(new, Verdict.REVISED, first, rate=5.5)
        second = header_document(new, revised=True, earlier_hashes=commit.earlier_hashes)
        assert judge(new, second) is Verdict.UNCHANGED
        assert judge(old, second) is Verdict.OUT_OF_ORDER


def test_the_captured_page_of_the_rate_limiter_is_known(
    captured: Callable[[str], bytes],
) -> None:
    page = captured("other/rate-limit-403-body-2023-08-25.html")
    with pytest.raises(Refused) as caught:
        check_status(403, {}, page)
    assert (caught.value.reason, caught.value.retry_after) == ("rate_limited", 600.0)
