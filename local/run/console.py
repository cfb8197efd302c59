"""What `make run` and `make lambda` print after the banner: a line for each completed tick."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from textwrap import shorten
from typing import Any

from local.run.options import Options
from local.run.recorder_database import RecorderDatabase
from local.run.sources import NSE
from local.run.wait_lines import WaitLines, tried
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import IST, exchange_date, ist_clock
from optionchain.market import Market

type PrintLine = Callable[[str], None]

_DETAIL_LENGTH = 90
# A tick of more symbols than this is one line.
_MOST_LINES = 10


class Console:
    """Prints each completed tick, and once when the market or the database changes its state."""

    def __init__(
        self, options: Options, recorder_database: RecorderDatabase, print_line: PrintLine
    ) -> None:
        self._label = options.label
        self._names_source = options.sources.names != (NSE,)
        self._market = Market(options.settings.market_hours)
        self._recorder_database = recorder_database
        self._print_line = print_line
        self._waits = WaitLines(options.label)
        self._market_open = True
        self._database_answers = True

    def show(self, now: datetime) -> None:
        """Print what is new; `now` in UTC."""
        if self._market.is_open(now) is not self._market_open:
            self._market_open = not self._market_open
            self._print_all(self._waits.end(now))
            self._print_line(market_line(self._market, now))
        try:
            completed = self._recorder_database.completed_ticks(now)
        except StoreUnavailable as error:
            if self._database_answers:
                self._print_line(unreachable_line(error))
            self._database_answers = False
            return
        if not self._database_answers:
            self._print_line("The database answers again.")
        self._database_answers = True
        for _, of_tick in groupby(completed, key=itemgetter("tick")):
            self._print_tick(list(of_tick))

    def _print_tick(self, entries: list[Mapping[str, Any]]) -> None:
        self._print_all(self._waits.lines(entries))
        shown = tried(entries)
        if len(shown) > _MOST_LINES:
            self._print_line(summary_line(shown, self._label))
            return
        for entry in shown:
            self._print_line(tick_line(entry, self._label, names_source=self._names_source))

    def _print_all(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._print_line(line)


def tick_line(entry: Mapping[str, Any], label: str, *, names_source: bool = False) -> str:
    """Return the outcome of one symbol's tick, in one short line."""
    columns = [
        ist_clock(entry["tick"]),
        label,
        f"{entry['symbol']:<10}",
        f"{entry['outcome']:<9}",
        f"{entry['lateness_ms']:>5.0f} ms late",
        _details(entry),
        entry.get("source", "") if names_source else "",
        "of the last session" if entry.get("read") == "last_session" else "",
    ]
    return "  ".join(column for column in columns if column)


def summary_line(entries: Sequence[Mapping[str, Any]], label: str) -> str:
    """Return the outcomes of many symbols' tick, in one line, with the first that is not good."""
    counts = Counter(str(entry["outcome"]) for entry in entries)
    columns = [
        ist_clock(entries[0]["tick"]),
        label,
        f"{len(entries)} symbols: {', '.join(f'{counts[name]} {name}' for name in sorted(counts))}",
        f"{max(entry['lateness_ms'] for entry in entries):.0f} ms late",
        next((f"{each['symbol']} {_details(each)}" for each in entries if "reason" in each), ""),
    ]
    return "  ".join(column for column in columns if column)


def market_line(market: Market, now: datetime) -> str:
    """Return whether the market is open, and if not, when it opens and what is read before."""
    if market.is_open(now):
        return "The market is open."
    opens = market.next_opening(now)
    when = f" until {opens.astimezone(IST):%a %d %b %H:%M} IST" if opens else ""
    day = exchange_date(now)
    ticks = (*market.closing_ticks(day), *(each.begins for each in market.evening_rounds(day)))
    left = [
        f"{tick.astimezone(IST):%H:%M}"
        for tick in ticks
        if tick > now and (opens is None or tick < opens)
    ]
    if not left:
        return f"The market is closed{when}. No tick is due before that."
    return f"The market is closed{when}. What is left of this day is read at {', '.join(left)} IST."


def unreachable_line(error: Exception) -> str:
    """Return that the database does not answer, with the start of the error's message."""
    return f"The database does not answer: {shorten(str(error), _DETAIL_LENGTH, placeholder=' …')}"


def _details(entry: Mapping[str, Any]) -> str:
    """Return the reason of a failure, else the number of legs and of stored documents."""
    if "reason" in entry:
        detail = str(entry.get("detail", "")).removeprefix(f"{entry['reason']}: ")
        return f"{entry['reason']}: {shorten(detail, _DETAIL_LENGTH, placeholder=' …')}"
    stored = f"{entry['inserted']:>5} documents" if entry["outcome"] == "stored" else ""
    return f"{entry['legs']:>5} legs  {stored}".rstrip()
