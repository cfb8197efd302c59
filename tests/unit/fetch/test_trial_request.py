"""Whether an expiry that a list has lost still trades, by the body of one request."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.source_choice.trial_request import TrialRequest
from chain_fetch.refused import Refused
from optionchain.market import Market
from optionchain.snapshot import Snapshot
from tests.support.bodies import EXPIRY, Json, body, chain_body
from tests.support.fakes import FakeExchange
from tests.support.histories import ist

MONDAY = date(2026, 6, 22)
TICK = ist(MONDAY, "11:00")
FRIDAY = ist(date(2026, 6, 19), "15:30")
LIE = TICK + timedelta(days=1)


@pytest.mark.parametrize(
    ("answer", "at", "trades"),
    [
        (chain_body(stamp=TICK), "11:00", True),
        (chain_body(stamp=FRIDAY), "11:00", False),
        (chain_body(stamp=FRIDAY), "09:19", None),
        # A stamp of the future is no evidence of anything.
        (chain_body(stamp=LIE), "11:00", None),
        (chain_body(stamp=TICK, expiry=MONDAY), "11:00", False),
        (body([]), "11:00", False),
        (Refused("empty", "{}"), "11:00", False),
        (Refused("timeout", "no answer"), "11:00", None),
        ({"records": {"data": 1}}, "11:00", None),
    ],
)
def test_an_expiry_trades_if_it_has_contracts_of_this_session(
    answer: Json | Exception, at: str, trades: bool | None
) -> None:
    source = FakeExchange({"NIFTY": [EXPIRY]}, {("NIFTY", EXPIRY): answer})
    trial = TrialRequest(source, parse, Market)
    assert trial("NIFTY", EXPIRY, ist(MONDAY, at), deadline=1.0) is trades


def test_a_body_without_a_stamp_does_not_tell() -> None:
    """It may be of any day. An expiry that was known stays so, and no other one is added."""

    def unstamped(body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        return replace(parse(body, symbol, fetched_at), exchange_timestamp=None)

    source = FakeExchange({}, {("NIFTY", EXPIRY): chain_body(stamp=TICK)})
    assert TrialRequest(source, unstamped, Market)("NIFTY", EXPIRY, TICK, deadline=1.0) is None
