"""The minutes of NIFTY on 18 August 2026, an expiry day with a closing auction, as snapshots.

The capture has no quotes: of each contract it has the last price, volume, open interest and the
exchange's volatility. It has the twelve strikes around the money of two expiries.
"""

import csv
from datetime import date, datetime, timedelta

from optionchain.exchange_time import IST, parse_expiry
from optionchain.snapshot import Quote, Snapshot
from tests.support.snapshots import quote

MINUTES = "minutes-2026-08-18/nifty-atm-two-expiries.csv.gz"
EXPIRING, NEXT_WEEK = date(2026, 8, 18), date(2026, 8, 25)
_FETCHED_AFTER = timedelta(seconds=5)


def at(time: str) -> datetime:
    """Return an instant of the captured day, by its time in India."""
    return datetime.combine(EXPIRING, datetime.strptime(time, "%H:%M").time(), IST)  # noqa: DTZ007


def minutes_of(csv_file: bytes, expiry: date) -> list[Snapshot]:
    """Return the snapshots of an expiry in order of time, each fetched 5 seconds later."""
    quotes: dict[tuple[datetime, float], list[Quote]] = {}
    for row in csv.DictReader(csv_file.decode().splitlines()):
        if parse_expiry(row["expiry"]) == expiry:
            stamp = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=IST)
            quotes.setdefault((stamp, float(row["spot"])), []).append(_quote(row))
    return [
        Snapshot("NIFTY", expiry, stamp + _FETCHED_AFTER, stamp, spot, tuple(found), of_index=True)
        for (stamp, spot), found in sorted(quotes.items())
    ]


def _quote(row: dict[str, str]) -> Quote:
    return quote(
        "CE" if row["option_type"] == "CE" else "PE",
        float(row["strike"]),
        open_interest=float(row["oi"]),
        change_in_oi=float(row["oi_chg"]),
        last_price=float(row["ltp"]) or None,
        total_traded_volume=float(row["volume"]),
        implied_volatility=float(row["iv"]) or None,
        bid_qty=0,
        bid_price=None,
        ask_price=None,
        ask_qty=0,
    )
