"""Which rows of a table are wanted, and in which order. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from chain_api.json_types import Answer
from optionchain.exchange_time import parse_expiry


@dataclass(frozen=True)
class Screening:
    """Conditions on rows: exact values, least and most values, symbols; `sort` names a column.

    A value that is None meets no condition. With - in front the order is descending. Rows
    without a value come last in either order, and equal ones are by symbol.
    """

    exact: Mapping[str, str] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    symbols: frozenset[str] | None = None
    sort: str = "symbol"

    def apply(self, rows: Iterable[Answer]) -> list[Answer]:
        """Return the rows that meet the conditions, in order."""
        wanted = filter(self._wants, rows) if self._narrows else rows
        found = sorted(wanted, key=lambda row: row["symbol"])
        return in_order(found, self.sort)

    @property
    def _narrows(self) -> bool:
        return self.symbols is not None or any((self.exact, self.least, self.most))

    def _wants(self, row: Answer) -> bool:
        if self.symbols is not None and row["symbol"] not in self.symbols:
            return False
        if any(row[name] != value for name, value in self.exact.items()):
            return False
        least = (row[name] is not None and row[name] >= value for name, value in self.least.items())
        most = (row[name] is not None and row[name] <= value for name, value in self.most.items())
        return all(least) and all(most)


def in_order(rows: Sequence[Answer], sort: str) -> list[Answer]:
    """Return the rows by a column; those without a value last, and equal ones as they were."""
    name = sort.removeprefix("-")
    known = [row for row in rows if row[name] is not None]
    value = _expiry if name == "expiry_date" else itemgetter(name)
    known.sort(key=value, reverse=sort.startswith("-"))
    return [*known, *(row for row in rows if row[name] is None)]


def _expiry(row: Answer) -> date:
    return parse_expiry(row["expiry_date"])
