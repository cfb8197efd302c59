"""Days of snapshots, read out of the files of an archive with DuckDB."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from optionchain_client.errors import ArchiveError, IncompleteSnapshot
from optionchain_client.portions import portions
from optionchain_client.snapshots import CONTRACT_FIELDS, Snapshot, contracts_of

type Row = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# An instant is read as a number, because DuckDB shows it in the time zone of the machine.
_INSTANT = "epoch_ms({0}) AS {0}"
_HEADER = (
    *map(_INSTANT.format, ("fetched_at", "last_seen_at", "exchange_timestamp", "expiry")),
    *("underlying_value", "source", "settled", "revised", "legs_missing", "calls", "puts"),
)
_CONTRACT = (*map(_INSTANT.format, ("fetched_at", "expiry")), *CONTRACT_FIELDS)
_OF_EXPIRIES = "list_contains(?, epoch_ms(expiry))"
_OF_TICKS = f"{_OF_EXPIRIES} AND epoch_ms(fetched_at) BETWEEN ? AND ?"


class SealedDays:
    """Reads the files of days that are on this machine. Raises ArchiveError."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()

    def close(self) -> None:
        """End DuckDB."""
        self._connection.close()

    def snapshots(
        self, symbol: str, headers: Path, contracts: Path, expiries: Sequence[date]
    ) -> Iterator[Snapshot]:
        """Yield the snapshots of these expiries on a day, by tick and expiry."""
        wanted = [_milliseconds(each) for each in expiries]
        rows = self._rows(headers, _HEADER, _OF_EXPIRIES, [wanted])
        for portion in portions(rows, _contracts_in):
            ticks = [portion[0]["fetched_at"], portion[-1]["fetched_at"]]
            of_each = defaultdict[tuple[int, int], list[Row]](list)
            for row in self._rows(contracts, _CONTRACT, _OF_TICKS, [wanted, *ticks]):
                of_each[row["expiry"], row["fetched_at"]].append(row)
            for header in portion:
                key = header["expiry"], header["fetched_at"]
                yield _snapshot(symbol, header, of_each.pop(key, []))

    def _rows(
        self, file: Path, columns: Sequence[str], condition: str, values: list[Any]
    ) -> list[Row]:
        query = (
            f"SELECT {', '.join(columns)} FROM read_parquet(?) "  # noqa: S608  (no value is in it)
            f"WHERE {condition} ORDER BY fetched_at, expiry"
        )
        try:
            found = self._connection.execute(query, [_literal(file), *values])
            names = [each[0] for each in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except duckdb.Error as error:
            raise ArchiveError(f"{file.name} cannot be read: {error}") from error


def _literal(file: Path) -> str:
    """Return a path as a pattern that this file alone matches: DuckDB reads every path as one."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(file))


def _contracts_in(header: Row) -> int:
    return int(header["calls"] + header["puts"])


def _snapshot(symbol: str, header: Row, contracts: Sequence[Row]) -> Snapshot:
    expiry, at = _instant(header["expiry"]).date(), _instant(header["fetched_at"])
    if len(contracts) != _contracts_in(header):
        what = f"{symbol} {expiry} of {at}"
        raise IncompleteSnapshot(what, len(contracts), _contracts_in(header))
    stamp = header["exchange_timestamp"]
    return Snapshot(
        symbol=symbol,
        expiry=expiry,
        at=at,
        last_seen_at=_instant(header["last_seen_at"]),
        exchange_timestamp=None if stamp is None else _instant(stamp),
        underlying_value=header["underlying_value"],
        # Documents of older recorders have neither.
        source=header["source"] or "nse",
        settled=bool(header["settled"]),
        revised=header["revised"],
        legs_missing=header["legs_missing"],
        contracts=contracts_of(contracts),
    )


def _milliseconds(expiry: date) -> int:
    return int(datetime(expiry.year, expiry.month, expiry.day, tzinfo=UTC).timestamp()) * 1_000


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
