"""Whether an expiry that a list has lost still trades, by the body of one request."""

from datetime import date, timedelta

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.trial_request import TrialRequest
from chain_fetch.refused import Refused
from optionchain.market import Market
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
