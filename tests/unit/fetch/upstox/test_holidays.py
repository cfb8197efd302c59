"""A holiday is a day on which the segment of options is closed, whatever it is called."""

from datetime import date

import pytest

from chain_fetch.upstox.holidays import holidays_of
from optionchain.errors import PayloadInvalid
from tests.support.bodies import Json
from tests.support.upstox_bodies import encoded

DAY = date(2026, 11, 10)
HOURS = {"start_time": 1, "end_time": 2}


def day(closed: list[str] | None, opened: list[str] | None, **changes: object) -> Json:
    hours = None if opened is None else [{"exchange": name, **HOURS} for name in opened]
    given = {"closed_exchanges": closed, "open_exchanges": hours, **changes}
    return {"date": f"{DAY}", "description": "x", "holiday_type": "TRADING_HOLIDAY", **given}


CLOSED = day(["NSE", "NFO"], ["MCX"], date="2026-01-26")


@pytest.mark.parametrize(
    ("row", "closed"),
    [
        (day(["NSE", "NFO", "BSE"], []), True),
        (day(["NFO"], None), True),
        # The vendor calls a day a holiday on which options trade.
        (day([], ["NSE", "NFO"]), False),
        (day(["MCX"], ["NFO"]), False),
        (day(["NFO"], ["NFO"], holiday_type="SPECIAL_TIMING"), False),
        (day([], [], holiday_type="SETTLEMENT_HOLIDAY"), False),
        (day(None, None), False),
    ],
)
def test_the_segment_decides(row: Json, *, closed: bool) -> None:
    days = holidays_of(encoded({"status": "success", "data": [CLOSED, row]}))
    assert (DAY in days) is closed
    assert date(2026, 1, 26) in days


@pytest.mark.parametrize(
    "body",
    [
        {"status": "success", "data": []},
        {"status": "success", "data": None},
        {"status": "success", "data": [day([], ["NFO"])]},
        {"status": "success", "data": [day(["NFO"], [], date="26-Jan-2026")]},
        {"status": "error", "data": [CLOSED]},
    ],
)
def test_a_list_without_a_holiday_is_a_fault(body: Json) -> None:
    with pytest.raises(PayloadInvalid, match="market holidays"):
        holidays_of(encoded(body))
