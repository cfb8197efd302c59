"""Which ticks of a day's evening rounds were due, by what the ledger has of them. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from optionchain.market import Market


def due_in_the_evening(
    market: Market, day: date, rows: Mapping[datetime, Mapping[str, Any]]
) -> Iterator[datetime]:
    """Yield the due ticks of the rounds of an evening, UTC. `rows` is the ledger by tick.

    The first tick of the day's first round is due, and that of a later round unless a tick before
    it left no listed expiry without a final chain. The others are due if the ledger has them: the
    recorder claims them only where something is unread.
    """
    all_settled = False
    for evening in market.evening_rounds(day):
        ticks = [tick.astimezone(UTC) for tick in evening.ticks]
        if not all_settled:
            yield ticks[0]
        yield from (tick for tick in ticks if tick in rows)
        all_settled |= any(rows[tick].get("unsettled") == 0 for tick in ticks if tick in rows)
