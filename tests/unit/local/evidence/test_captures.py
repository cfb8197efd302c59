"""How captured files are read, on bodies and tables made here."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest

from local.evidence.captures import CaptureAbsent, Captures, Contract, read_minutes
from tests.support.bodies import STAMP, UNDERLYING, exchange_timestamp_text

NEAR, FAR = Contract(date(2026, 6, 23), 24_000.0, "CE"), Contract(date(2026, 6, 30), 24_000.0, "PE")
TABLE = """timestamp,expiry,strike,option_type,spot,ltp,volume,oi,oi_chg,iv
2026-08-18T10:44,18-Aug-2026,24000,CE,24010.5,30.5,10,20,1,0
2026-08-18T10:43,18-Aug-2026,24000,PE,24009.5,20.5,10,25,1,9.5
"""


def legacy_leg(contract: Contract, open_interest: float) -> dict[str, object]:
    """Return a leg as the endpoints before v3 spelt it."""
    digits = f"{contract.expiry:%d-%m-%Y}"
    numbers = dict.fromkeys(("totalBuyQuantity", "totalSellQuantity", "totalTradedVolume"), 75)
    return numbers | {
        "strikePrice": contract.strike_price,
        "expiryDate": f"{contract.expiry:%d-%b-%Y}",
        "underlying": "NIFTY",
        "identifier": f"OPTIDXNIFTY{digits}{contract.side}{contract.strike_price:.2f}",
        "openInterest": open_interest,
        "changeinOpenInterest": 2,
        "pchangeinOpenInterest": 1.5,
        "impliedVolatility": 0,
        "lastPrice": 101.5,
        "change": 1.5,
        "pChange": 1.2,
        "bidQty": 75,
        "bidprice": 101.25,
        "askQty": 150,
        "askPrice": 101.75,
        "underlyingValue": UNDERLYING,
    }


def write(folder: Path, name: str, body: object) -> None:
    """Write a packed body into a folder of captures."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(gzip.compress(orjson.dumps(body)))


def legacy_body() -> dict[str, object]:
    """Return a body with two expiries, a side missing at each."""
    rows = [
        {
            "strikePrice": contract.strike_price,
            "expiryDate": f"{contract.expiry:%d-%b-%Y}",
            contract.side: legacy_leg(contract, amount),
        }
        for contract, amount in ((NEAR, 10.5), (FAR, 20))
    ]
    records = {
        "timestamp": exchange_timestamp_text(STAMP),
        "underlyingValue": UNDERLYING,
        "data": rows,
    }
    return {"records": records}


def test_chain_has_all_expiries_of_a_body(tmp_path: Path) -> None:
    write(tmp_path, "day/one.json.gz", legacy_body())
    [(name, chain)] = Captures(tmp_path).chains("day/*.json.gz")
    assert name == "day/one.json.gz"
    assert (chain.stamp, chain.underlying) == (STAMP, UNDERLYING)
    assert chain.quotes.keys() == {NEAR, FAR}
    quote = chain.quotes[NEAR]
    assert (quote.open_interest, quote.change_in_oi, quote.implied_volatility) == (10.5, 2, None)
    assert (quote.bid_price, quote.bid_qty, quote.ask_price, quote.ask_qty) == (
        101.25,
        75,
        101.75,
        150,
    )


def test_body_without_contracts_is_no_chain(tmp_path: Path) -> None:
    write(tmp_path, "empty.json.gz", {"records": {"data": []}})
    with pytest.raises(ValueError, match="without contracts"):
        Captures(tmp_path).chain("empty.json.gz")


def test_table_becomes_minutes_in_order_of_time() -> None:
    first, second = read_minutes(TABLE)
    assert first.at == datetime(2026, 8, 18, 5, 13, tzinfo=UTC)
    assert (first.underlying, second.underlying) == (24_009.5, 24_010.5)
    [(contract, reading)] = second.readings.items()
    assert contract == Contract(date(2026, 8, 18), 24_000.0, "CE")
    assert reading == (30.5, 20.0, None)


def test_absent_capture_is_named(tmp_path: Path) -> None:
    captures = Captures(tmp_path)
    with pytest.raises(CaptureAbsent, match=r"minutes\.csv\.gz"):
        captures.minutes("minutes.csv.gz")
    with pytest.raises(CaptureAbsent, match=r"day/\*"):
        list(captures.chains("day/*"))
