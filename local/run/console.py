"""What `make run` says at the terminal."""

from collections.abc import Callable, Mapping
from datetime import datetime
from textwrap import shorten
from typing import Any
from urllib.parse import quote

from local.run.options import Options
from local.run.recorder_database import RecorderDatabase
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import IST
from optionchain.market import Market

type PrintLine = Callable[[str], None]

_DETAIL_LENGTH = 90
_WHAT = {
    "SIMULATED": "SIMULATED market: every number below is modelled, none is the exchange's.",
    "REPLAY": "REPLAY of {replay}: captured numbers, their dates moved to today.",
    "": "The exchange's own data, from {url}: for personal use, under the exchange's terms.",
}


class Console:
    """Shows each completed tick, and what keeps ticks from coming, once when it changes."""

    def __init__(self, options: Options, recording: RecorderDatabase, say: PrintLine) -> None:
        self._label = options.label
        self._market = Market(options.settings.market_hours)
        self._recording = recording
        self._say = say
        self._open = True
        self._away = False

    def show(self, now: datetime) -> None:
        """Say what is new; `now` in UTC."""
        if self._market.is_open(now) is not self._open:
            self._open = not self._open
            self._say(market_line(self._market, now))
        try:
            completed = self._recording.completed(now)
        except StoreUnavailable as error:
            if not self._away:
                self._say(unreachable_line(error))
            self._away = True
            return
        if self._away:
            self._say("The database answers again.")
        self._away = False
        for entry in completed:
            self._say(tick_line(entry, self._label))


def banner(options: Options, mongodb_uri: str | None) -> str:
    """Return what a person needs to know at the start.

    `mongodb_uri` is that of the run's own mongod; a given one may hold a password.
    """
    api = f"http://127.0.0.1:{options.port}"
    symbol = quote(options.settings.nse_symbols[0])
    where = f"{options.data_dir / 'mongod'}, {mongodb_uri}" if mongodb_uri else "MONGODB_URI"
    rows = {
        "Page": f"{api}/dashboard",
        "API": f"{api}/docs",
        "Latest": f"curl -s {api}/option-chain/{symbol}",
        "Data": f"{where}, database {options.settings.mongodb_database}",
        "Logs": str(options.data_dir / "logs"),
    }
    what = _WHAT[options.label].format(replay=options.replay, url=options.settings.nse_base_url)
    lines = [what, *(f"  {name:<8}{text}" for name, text in rows.items())]
    return "\n".join([*lines, "Ctrl-C stops. Each tick, in local time:"])


def tick_line(entry: Mapping[str, Any], label: str) -> str:
    """Return what became of one symbol's tick, in one short line."""
    columns = [
        f"{entry['tick'].astimezone():%H:%M:%S}",
        label,
        f"{entry['symbol']:<10}",
        f"{entry['outcome']:<9}",
        f"{entry['lateness_ms']:>5.0f} ms late",
        _what_happened(entry),
    ]
    return "  ".join(column for column in columns if column)


def market_line(market: Market, now: datetime) -> str:
    """Return whether the market is open, and if not, when it opens."""
    if market.is_open(now):
        return "The market is open."
    opens = market.next_opening(now)
    when = f" until {opens.astimezone(IST):%a %d %b %H:%M} IST" if opens else ""
    return f"The market is closed{when}: no tick is due."


def unreachable_line(error: Exception) -> str:
    """Return that the database is away; the error's own words are cut short."""
    return f"The database does not answer: {shorten(str(error), _DETAIL_LENGTH, placeholder=' …')}"


def _what_happened(entry: Mapping[str, Any]) -> str:
    if "reason" in entry:
        detail = str(entry.get("detail", "")).removeprefix(f"{entry['reason']}: ")
        return f"{entry['reason']}: {shorten(detail, _DETAIL_LENGTH, placeholder=' …')}"
    stored = f"{entry['inserted']:>5} documents" if entry["outcome"] == "stored" else ""
    return f"{entry['legs']:>5} legs  {stored}".rstrip()
