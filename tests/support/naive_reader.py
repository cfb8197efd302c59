"""A second reading of bodies, written leg by leg from the notes on the source.

It shares no line with the parser: no alias table, no columns, no fast path.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

type Contract = tuple[date, str, float]
type Numbers = dict[str, float | None]


def contracts_of(body: dict[str, Any]) -> dict[Contract, Numbers]:
    """Return the numbers of each contract by (expiry, side, strike), named as in documents."""
    found: dict[Contract, Numbers] = {}
    for row in body["records"]["data"]:
        text = row["expiryDates"] if "expiryDates" in row else row["expiryDate"]
        expiry = datetime.strptime(text, "%d-%b-%Y").date()  # noqa: DTZ007
        for side in ("CE", "PE"):
            if side not in row or row[side]["identifier"] is None:
                continue
            contract = (expiry, side, float(row["strikePrice"]))
            assert contract not in found
            found[contract] = _numbers(row[side])
    return found


def underlying_of(body: dict[str, Any]) -> float | None:
    """Return the body's own underlying value, not that of its legs."""
    return _or_none(body["records"]["underlyingValue"])


def _numbers(leg: dict[str, Any]) -> Numbers:
    if "buyPrice1" in leg:
        bid, bid_qty = leg["buyPrice1"], leg["buyQuantity1"]
        ask, ask_qty = leg["sellPrice1"], leg["sellQuantity1"]
    else:
        bid, bid_qty = leg["bidprice"], leg["bidQty"]
        ask, ask_qty = leg["askPrice"], leg["askQty"]
    percent = next(leg[name] for name in ("pchange", "pChange", "PChange") if name in leg)
    return {
        "strike_price": leg["strikePrice"],
        "open_interest": leg["openInterest"],
        "change_in_oi": leg["changeinOpenInterest"],
        "pchange_in_oi": leg["pchangeinOpenInterest"],
        "total_traded_volume": leg["totalTradedVolume"],
        "total_buy_qty": leg["totalBuyQuantity"],
        "total_sell_qty": leg["totalSellQuantity"],
        "last_price": _or_none(leg["lastPrice"]),
        "change": _or_none(leg["change"]),
        "pchange": _or_none(percent),
        "implied_volatility": _or_none(leg["impliedVolatility"]),
        "bid_price": _or_none(bid),
        "bid_qty": 0 if _or_none(bid) is None else bid_qty,
        "ask_price": _or_none(ask),
        "ask_qty": 0 if _or_none(ask) is None else ask_qty,
    }


def _or_none(number: float | None) -> float | None:
    """Zero means none for prices, changes of price, and volatility."""
    return None if number is None or number == 0 else number


def check_stored_as_sent(documents: Sequence[Mapping[str, Any]], body: dict[str, Any]) -> None:
    """Check that a snapshot's documents are the contracts of a body, with its own underlying."""
    expected = contracts_of(body)
    names = next(iter(expected.values())).keys()
    assert expected == {
        (row["expiry"].date(), row["type"], row["strike_price"]): {
            name: row[name] for name in names
        }
        for row in documents
    }
    assert {row["underlying_value"] for row in documents} == {underlying_of(body)}
