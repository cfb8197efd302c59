"""Snapshots of what the API answers."""

from collections.abc import Sequence
from typing import Any

from optionchain_client.dates import expiry_of, instant_of
from optionchain_client.errors import IncompleteSnapshot
from optionchain_client.snapshots import Snapshot, contracts_of

type Record = dict[str, Any]


def snapshot_of_chain(answer: Record) -> Snapshot:
    """Return the snapshot of an answer about one chain."""
    rows = [*answer["calls"], *answer["puts"]]
    return _snapshot(answer["symbol"], answer, rows)


def snapshot_of_row(symbol: str, row: Record, contracts: Sequence[Record]) -> Snapshot:
    """Return the snapshot of a row of `/snapshots`; raise IncompleteSnapshot if it is not whole."""
    if len(contracts) != contracts_in(row):
        what = f"{symbol} {row['expiry_date']} of {row['timestamp']}"
        raise IncompleteSnapshot(what, len(contracts), contracts_in(row))
    return _snapshot(symbol, row, contracts)


def contracts_in(row: Record) -> int:
    """Return how many contracts the snapshot of a row has."""
    return int(row["total_calls"] + row["total_puts"])


def _snapshot(symbol: str, found: Record, contracts: Sequence[Record]) -> Snapshot:
    stamp = found["exchange_timestamp"]
    return Snapshot(
        symbol=symbol,
        expiry=expiry_of(found["expiry_date"]),
        at=instant_of(found["timestamp"]),
        last_seen_at=instant_of(found["last_seen_at"]),
        exchange_timestamp=None if stamp is None else instant_of(stamp),
        underlying_value=found["underlying_value"],
        source=found["source"],
        settled=found["settled"],
        revised=found.get("revised"),
        legs_missing=found.get("legs_missing"),
        contracts=contracts_of(contracts),
    )
