"""The exchange's file server on a real server that misbehaves: a lot is read, or nothing is."""

from collections.abc import Callable
from datetime import date

import pytest

from chain_fetch.nse.bhavcopy_server import BhavcopyServer
from chain_fetch.refused import Refused
from optionchain.contract_terms import ContractTerms
from optionchain.market import Market
from tests.support.bhavcopies import DAY, NAME, bhavcopy, option
from tests.support.nse_client import CLOSE, RESET, Sent, answering, dripped, http_answer, refusal
from tests.support.patience import ends_soon, within

FEBRUARY, MARCH = date(2026, 2, 3), date(2026, 3, 31)
FILE = bhavcopy(
    option(),
    option(OptnTp="PE"),
    option(XpryDt="2026-03-31", NewBrdLotQty="75", OpnIntrst="0", ChngInOpnIntrst="0"),
    option(TckrSymb="TCS", NewBrdLotQty="175", OpnIntrst="0", ChngInOpnIntrst="0"),
    option(TckrSymb="TCS", NewBrdLotQty="200", OpnIntrst="0", ChngInOpnIntrst="0", OptnTp="PE"),
)
NOT_STATED = {"tick_size": "not_listed", "freeze_quantity": "not_listed"}
TWO_LOTS = ContractTerms(reasons={"lot_size": "sources_differ", **NOT_STATED})


def read(answer: Callable[[], Sent], seconds: float = 3.0) -> tuple[object, list[str]]:
    """Return what is read of a server with this answer, and what was asked for."""
    with answering(lambda _target: answer()) as (port, asked):
        server = BhavcopyServer(f"http://127.0.0.1:{port}")
        return server.read(["NIFTY", "TCS", "M&M"], DAY, within(seconds)), asked


def test_the_lots_of_each_symbol_and_expiry_are_read() -> None:
    found, asked = read(lambda: http_answer(FILE))
    assert asked == [f"/content/fo/{NAME}"]
    assert found == {
        "NIFTY": {
            FEBRUARY: ContractTerms(65, reasons=NOT_STATED),
            MARCH: ContractTerms(75, reasons=NOT_STATED),
        },
        "TCS": {FEBRUARY: TWO_LOTS},
        "M&M": {},
    }


def test_the_file_is_that_of_the_trading_day_before() -> None:
    server = BhavcopyServer()
    assert server.day(date(2026, 9, 21), Market()) == date(2026, 9, 18)  # Monday and Friday
    assert server.day(date(2026, 2, 2), Market()) == date(2026, 2, 1)  # the Budget of a Sunday


@pytest.mark.parametrize(("answer", "told"), [
    (http_answer(b"<html>Access Denied</html>", "403 Forbidden"), "blocked"),
    (http_answer(b"<html>Resource not found</html>", "404 Not Found"), "the server has no Bhav"),
    (http_answer(b"", "404 Not Found"), "the server has no BhavCopy"),
    (http_answer(b"", "429 Too Many Requests", Retry_After="90"), "rate_limited"),
    (http_answer(b"", "503 Service Unavailable"), "server_error"),
    (http_answer(b"", "302 Found", Location="/elsewhere"), "server_error"),
    (http_answer(b"<html><body>please wait</body></html>"), "not a zip; it begins b'<html>"),
    (http_answer(FILE[:-40]), "the zip is cut off"),
    (http_answer(FILE)[:-40] + CLOSE, "truncated"),
    (http_answer(FILE)[:60] + RESET, "server_error|truncated"),
    (http_answer(b"0" * (8 * 1024 * 1024 + 1)), "passes 8388608 bytes"),
    (http_answer(bhavcopy(option(TradDt="2026-01-29"))), "a row of 2026-01-29"),
])  # fmt: skip
def test_what_is_no_file_of_the_day_is_refused_with_its_reason(answer: bytes, told: str) -> None:
    with pytest.raises(Exception, match=told) as caught:
        read(lambda: answer)
    assert type(caught.value).__name__ in ("Refused", "PayloadInvalid")


def test_a_rate_limit_says_how_long_to_wait() -> None:
    refused = refusal(lambda: read(lambda: http_answer(b"", "429 Slow", Retry_After="90")))
    assert isinstance(refused, Refused)
    assert refused.retry_after == 90


@pytest.mark.parametrize("begin", [0, 200])
def test_a_file_that_drips_ends_at_the_deadline(begin: int) -> None:
    sent = dripped(http_answer(FILE), 0.1, begin)
    with ends_soon():
        refused = refusal(lambda: read(lambda: sent, seconds=0.5))
    assert str(refused).startswith("timeout")


def test_nobody_there_is_a_refusal() -> None:
    server = BhavcopyServer("http://127.0.0.1:9")
    assert "no connection" in str(refusal(lambda: server.read(["NIFTY"], DAY, within())))
