"""The rows of the table of all symbols as JSON. A row without news is written once."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
from orjson import Fragment

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.screener_row import sparkline
from chain_api.json_types import Answer, json_bytes
from chain_api.parameters.screening import Spark
from chain_api.queries.table_symbol import TableSymbol

# So many choices of columns are kept written; one takes 0.3 MB.
_MOST_CHOICES = 8
_MOVING = ("last_seen_at", "age_seconds")

type Choice = tuple[tuple[str, ...], Spark | None]


class TableRow(NamedTuple):
    """A symbol with its row: `kept` is the same object until there is news, `answer` has ages."""

    found: TableSymbol
    kept: Answer
    answer: Answer


class WrittenRows:
    """Writes rows, and keeps of each what ages do not change. Safe for several threads."""

    def __init__(self) -> None:
        self._written: LRUCache[Choice, dict[str, tuple[Answer, bytes]]] = LRUCache(_MOST_CHOICES)
        self._lock = Lock()

    def of(self, rows: Sequence[TableRow], choice: Choice) -> list[Fragment]:
        """Return an object for each row with these columns; those that ages change are last."""
        with self._lock:
            written = self._written.setdefault(choice, {})
        moving = tuple(name for name in _MOVING if name in choice[0])
        still = tuple(name for name in choice[0] if name not in moving)

        @cache
        def tail(confirmed: datetime | None, age: float | None) -> bytes:
            members = dict(zip(_MOVING, (confirmed, age), strict=True))
            return _inside({name: members[name] for name in moving}) + b"}"

        between = b"," if still and moving else b""
        found = []
        for row in rows:
            known = written.get(row.found.symbol)
            if known is None or known[0] is not row.kept:
                head = b"{" + _inside(members_of(row, still, choice[1])) + between
                known = written[row.found.symbol] = (row.kept, head)
            answer = row.answer
            found.append(Fragment(known[1] + tail(answer["last_seen_at"], answer["age_seconds"])))
        return found


def ages(confirmed: datetime | None, now: datetime) -> Answer:
    """Return the members of a row that move on without news; None before any confirmation."""
    age = None if confirmed is None else age_seconds(confirmed, now)
    return dict(zip(_MOVING, (confirmed, age), strict=True))


def members_of(row: TableRow, columns: Sequence[str], spark: Spark | None) -> Answer:
    """Return these columns of a row, and the points of its day if any are wanted."""
    answer = row.answer
    if spark:
        day = row.found.day
        document = row.found.record.of(day) if day else None
        answer = answer | {"sparkline": sparkline(document, spark)}
    return {name: answer[name] for name in columns}


def _inside(members: Answer) -> bytes:
    """Return members as JSON, without the braces around them."""
    return json_bytes(members)[1:-1]
