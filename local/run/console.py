"""What `make run` and `make lambda` print: a banner, then a line for each completed tick."""

from collections.abc import Callable, Mapping
from datetime import datetime
from textwrap import shorten
from typing import Any
from urllib.parse import quote

from local.run.options import Options
from local.run.recorder_database import RecorderDatabase
from local.run.sources import NSE
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market

type PrintLine = Callable[[str], None]

_DETAIL_LENGTH = 90
_SOURCES = {
    "SIMULATED": "SIMULATED market: every number below is modelled, none is the exchange's.",
    "REPLAY": "REPLAY of {replay}: captured numbers, their dates moved to today.",
    "": "The exchange's own data, from {url}: for personal use, under the exchange's terms.",
}


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
        self._market_open = True
        self._database_answers = True

    def show(self, now: datetime) -> None:
        """Print what is new; `now` in UTC."""
        if self._market.is_open(now) is not self._market_open:
            self._market_open = not self._market_open
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
        for entry in completed:
            self._print_line(tick_line(entry, self._label, names_source=self._names_source))


def banner(options: Options, mongodb_uri: str | None) -> str:
    """Return what a person needs to know at the start.

    `mongodb_uri` is that of the run's own mongod. The URI of another server is not shown, because
    it may hold a password.
    """
    api = f"http://127.0.0.1:{options.port}"
    symbol = quote(options.settings.nse_symbols[0])
    server = f"{options.data_dir / 'mongod'}, {mongodb_uri}" if mongodb_uri else "MONGODB_URI"
    rows = {
        "Page": f"{api}/dashboard",
        "API": f"{api}/docs",
        "Latest": f"curl -s {api}/option-chain/{symbol}",
        "Data": f"{server}, database {options.settings.mongodb_database}",
        "Logs": str(options.data_dir / "logs"),
    }
    if options.settings.archive_url:
        rows["Archive"] = options.settings.archive_url
    rows = _source_rows(options) | rows
    lines = [_market_line(options), *(f"  {name:<8}{text}" for name, text in rows.items())]
    return "\n".join([*lines, "Ctrl-C stops. Each tick, in local time:"])


def _market_line(options: Options) -> str:
    """Return whose numbers the run records."""
    sources = options.sources
    if sources.live and sources.names != (NSE,):
        names = " and ".join(sources.names)
        return f"LIVE data of {names}, asked with your token: for personal use, under its terms."
    return _SOURCES[options.label].format(replay=options.replay, url=options.settings.nse_base_url)


def _source_rows(options: Options) -> dict[str, str]:
    """Return what a person needs to know of vendors, if any is asked."""
    sources, settings = options.sources, options.settings
    if sources.names == (NSE,):
        return {}
    rows = {} if sources.live else {"Source": f"{', '.join(sources.names)}, simulated: no account"}
    if options.pace:
        pace = f"NSE_EXPIRIES={settings.nse_expiries}, a tick each {settings.nse_fetch_interval} s"
        rows["Pace"] = f"{pace}: its budget carries no more"
    return rows


def tick_line(entry: Mapping[str, Any], label: str, *, names_source: bool = False) -> str:
    """Return the outcome of one symbol's tick, in one short line."""
    columns = [
        f"{entry['tick'].astimezone():%H:%M:%S}",
        label,
        f"{entry['symbol']:<10}",
        f"{entry['outcome']:<9}",
        f"{entry['lateness_ms']:>5.0f} ms late",
        _details(entry),
        entry.get("source", "") if names_source else "",
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
