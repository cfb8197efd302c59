"""The legs of a strategy: how the address writes them, what a click adds, and what they cost."""

from typing import Any

import pytest

from tests.browser.page_modules import PageModules

LEGS = "panels/strategy/strategy_legs.js"
EXPIRY = "23-Jun-2026"
NOW = "2026-06-19T09:32:30Z"

type Json = dict[str, Any]


def leg(text: str) -> Json:
    """Return a leg: side, lots, strike, type, and perhaps expiry and price."""
    sign, lots, strike, kind, *rest = text.split()
    expiry, price = ([*rest, None, None])[:2]
    return {
        "sign": int(f"{sign}1"),
        "lots": int(lots),
        "strike": float(strike),
        "type": kind,
        "expiry": None if expiry in (None, "-") else expiry,
        "price": None if price is None else float(price),
    }


@pytest.mark.parametrize(
    ("text", "legs", "written"),
    [
        ("+1x24000CE@152.45,-1x24200CE,+1x24000CE:30-Dec-2026", [
            leg("+ 1 24000 CE - 152.45"), leg("- 1 24200 CE"), leg("+ 1 24000 CE 30-Dec-2026"),
        ], None),
        ("-12x262.5PE:29-Feb-2028@0.05", [leg("- 12 262.5 PE 29-Feb-2028 0.05")], None),
        # A + that was not encoded is a space, and the page trims the first one.
        ("1x24000CE, 2x24100CE", [leg("+ 1 24000 CE"), leg("+ 2 24100 CE")],
         "+1x24000CE,+2x24100CE"),
    ],
)  # fmt: skip
def test_legs_are_read_as_they_are_written(
    modules: PageModules, text: str, legs: list[Json], written: str | None
) -> None:
    assert modules.call(LEGS, "parseLegs", text) == {"legs": legs, "refused": []}
    assert modules.call(LEGS, "formatLegs", legs) == (written or text)


@pytest.mark.parametrize("part", [
    "", "24000CE", "+0x24000CE", "+1x0CE", "+1x24000", "+1x24000ce", "+1x24000CE:30-Feb-2026",
    "+1x24000CE:30-dec-2026", "+1x24000CE:2026-12-30", "+1x24000CE@", "+1x24000CE@-5",
    "+1x24000CE@1e3", "+99999x24000CE", "+1x24000CE@5:30-Dec-2026", "<img src=x>", "++1x24000CE",
])  # fmt: skip
def test_what_is_no_leg_is_refused_and_the_rest_is_kept(modules: PageModules, part: str) -> None:
    found = modules.call(LEGS, "parseLegs", f"+1x24000CE,{part}")
    assert found == {"legs": [leg("+ 1 24000 CE")], "refused": [part]}


def test_no_more_than_twelve_legs_are_read(modules: PageModules) -> None:
    found = modules.call(LEGS, "parseLegs", ",".join(["+1x24000CE"] * 13))
    assert len(found["legs"]) == 12
    assert found["refused"] == ["+1x24000CE"]
    assert modules.call(LEGS, "parseLegs", None) == {"legs": [], "refused": []}
    assert modules.call(LEGS, "formatLegs", []) is None


QUOTE = {
    "bid_price": 150.4, "ask_price": 154.5, "last_price": 152.45, "total_traded_volume": 61,
    "iv": 13.03, "iv_reason": None,
}  # fmt: skip


def chain(**quote: object) -> Json:
    """Return a chain with a call alone at 24,350, and both at 24,400."""
    model = {"forward": 24_387.64, "rate": 5.5, "days_to_expiry": 4.019}
    rows = [
        {"strike_price": 24_350, "call": QUOTE | quote, "put": None},
        {"strike_price": 24_400, "call": QUOTE, "put": QUOTE},
    ]
    terms = {"lot_size": 65, "lot_size_reason": None}
    return {"expiry_date": EXPIRY, "timestamp": NOW, "rows": rows, "model": model} | terms


@pytest.mark.parametrize(
    ("before", "strike", "side", "column", "after"),
    [
        (None, 24_350, "call", "ask_price", f"+1x24350CE:{EXPIRY}"),
        (None, 24_400, "put", "bid_price", f"-1x24400PE:{EXPIRY}"),
        ("+1x24350CE", 24_350, "call", "ask_price", f"+2x24350CE:{EXPIRY}"),
        ("+1x24350CE@9,no", 24_350, "call", "ask_price",
         f"+1x24350CE:{EXPIRY}@9,+1x24350CE:{EXPIRY}"),
        ("+1x24350CE", 24_350, "call", "bid_price", f"+1x24350CE:{EXPIRY},-1x24350CE:{EXPIRY}"),
        (None, 24_350, "put", "ask_price", None),
        (None, 24_350, "call", "last_price", None),
        (None, 24_350, None, None, None),
        (",".join(["-1x24400CE"] * 12), 24_350, "call", "ask_price", None),
    ],
)  # fmt: skip
def test_click_on_a_quote_trades_one_lot(
    modules: PageModules,
    before: str | None,
    strike: float,
    side: str | None,
    column: str | None,
    after: str | None,
) -> None:
    picked = {"strike": strike, "side": side, "column": column}
    snapshot = {"chain": chain()}
    assert modules.call(LEGS, "legsAfterClick", picked, before, snapshot) == after


def priced(modules: PageModules, text: str, expiry: str = EXPIRY, **quote: object) -> Json:
    """Return what the market says of a leg, at a moment with one chain."""
    chains = {EXPIRY: {"chain": chain(**quote), "analytics": None}, "07-Jul-2026": None}
    market = {"symbol": "NIFTY", "timestamp": NOW, "shownExpiry": expiry, "expiries": chains}
    (found,) = modules.call("panels/strategy/priced_legs.js", "pricedLegs", [leg(text)], market)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("text", "quote", "entry", "source", "now"),
    [
        ("+ 1 24350 CE", {}, 154.5, "ask", 152.45),
        ("- 1 24350 CE", {}, 150.4, "bid", 152.45),
        ("+ 1 24350 CE - 9.5", {}, 9.5, "own", 152.45),
        ("+ 1 24350 CE", {"ask_price": None}, 152.45, "last", 152.45),
        ("- 1 24350 CE", {"ask_price": None, "last_price": 151}, 150.4, "bid", 151),
        ("+ 1 24350 CE", {"bid_price": 160, "last_price": 151}, 151, "last", 151),
        ("+ 1 24350 CE", {"ask_price": None, "total_traded_volume": 0}, None, None, None),
        ("+ 1 24350 CE", {"ask_price": None, "last_price": None}, None, None, None),
    ],
)
def test_leg_begins_at_what_the_market_asks_or_bids(
    modules: PageModules,
    text: str,
    quote: Json,
    entry: float | None,
    source: str | None,
    now: float | None,
) -> None:
    found = priced(modules, text, **quote)
    assert (found["entry"]["value"], found["entrySource"]) == (entry, source)
    assert found["now"]["value"] == now
    assert bool(found["entry"]["reason"]) == (entry is None)


def test_leg_has_no_volatility_that_the_api_does_not_price_with(modules: PageModules) -> None:
    assert priced(modules, "+ 1 24350 CE")["iv"] == {"value": 13.03, "reason": ""}
    found = priced(modules, "+ 1 24350 CE", iv=5001.0, iv_reason="iv_out_of_range")
    assert found["iv"] == {
        "value": None,
        "reason": "the volatility is too high or too low to be one",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("+ 1 24350 PE", "not listed"),
        ("+ 1 24333 CE", "not listed"),
        ("+ 1 24350 CE 07-Jul-2026", "this expiry is not listed"),
        ("+ 1 24350 CE 30-Jun-2026", "its chain is being read"),
        ("+ 1 24350 CE 18-Jun-2026", "these contracts have expired"),
    ],
)
def test_leg_without_a_market_has_no_number_but_a_reason(
    modules: PageModules, text: str, reason: str
) -> None:
    found = priced(modules, text)
    assert {found[name]["value"] for name in ("entry", "now", "iv")} == {None}
    assert {found[name]["reason"] for name in ("entry", "now", "iv")} == {reason}
    assert found["isListed"] is False


def candle(minute: str, close: float | None) -> Json:
    """Return a candle of a minute, whose last document was half a minute after its beginning."""
    times = {
        "timestamp": f"2026-06-19T{minute}:00Z",
        "snapshot_timestamp": f"2026-06-19T{minute}:30Z",
    }
    return times | {"close": close, "source": "nse"}


def worth(modules: PageModules, legs: list[Json], gaps: list[Json] | None = None) -> Json:
    """Return what legs are worth, by minute."""
    found = modules.call("panels/strategy/strategy_day.js", "worthByMinute", legs, gaps or [])
    assert [each["timestamp"] for each in found] == sorted(each["timestamp"] for each in found)
    return {each["timestamp"][11:16]: each["value"] for each in found}


def test_day_adds_the_prices_of_the_same_minutes(modules: PageModules) -> None:
    """A leg that its expiry's snapshot lacks has no price, and one of a quiet expiry keeps it."""
    near = {"weight": -2, "expiry": "near"}
    legs = [
        near | {"candles": [candle("04:00", 10), candle("04:01", 11), candle("04:03", 12)]},
        near | {"weight": 1, "candles": [candle("04:00", 5), candle("04:03", None)]},
        {"weight": 1, "expiry": "far", "candles": [candle("04:00", 100), candle("04:04", 90)]},
    ]
    assert worth(modules, legs) == {
        "04:00": 85.0, "04:01": None, "04:03": None, "04:04": None,
    }  # fmt: skip
    assert worth(modules, [legs[0], legs[2]]) == {
        "04:00": 80.0, "04:01": 78.0, "04:03": 76.0, "04:04": 66.0,
    }  # fmt: skip
    assert worth(modules, [legs[2], near | {"candles": []}]) == {"04:00": None, "04:04": None}


def test_value_of_a_minute_stands_where_its_last_document_was(modules: PageModules) -> None:
    """No value is shown before it was known."""
    near = {"weight": 1, "expiry": "near", "candles": [candle("04:00", 10), candle("04:01", 11)]}
    later = candle("04:01", 100) | {"snapshot_timestamp": "2026-06-19T04:01:50Z"}
    far = {"weight": 1, "expiry": "far", "candles": [candle("04:00", 90), later]}
    module = "panels/strategy/strategy_day.js"
    found = modules.call(module, "worthByMinute", [near, far], [])
    assert [(each["timestamp"], each["value"]) for each in found] == [
        ("2026-06-19T04:00:30Z", 100.0),
        ("2026-06-19T04:01:50Z", 111.0),
    ]


def test_gap_of_a_minute_breaks_the_day(modules: PageModules) -> None:
    """A price of before is not carried over it; a lost tick or a quiet minute is no gap."""
    near = {"weight": 1, "expiry": "near", "candles": [candle("04:00", 10), candle("04:10", 12)]}
    far = {"weight": 1, "expiry": "far", "candles": [candle("04:00", 100)]}

    def gap(start: str, end: str) -> Json:
        return {"start": f"2026-06-19T{start}Z", "end": f"2026-06-19T{end}Z"}

    assert worth(modules, [near], [gap("04:05:00", "04:05:05")]) == {"04:00": 10.0, "04:10": 12.0}
    long = [gap("04:02:00", "04:02:30"), gap("04:02:30", "04:04:00")]
    assert worth(modules, [near], long) == {"04:00": 10.0, "04:02": None, "04:10": 12.0}
    assert worth(modules, [near, far], long) == {"04:00": 110.0, "04:02": None, "04:10": None}
    assert worth(modules, [near, far]) == {"04:00": 110.0, "04:10": 112.0}
