"""What a proof records: the symbols with their tiers and groups, on one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from local.nse_simulator.instruments import INSTRUMENTS, Instrument
from local.nse_simulator.listing import Listing
from optionchain.exchange_time import IST
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_plan import SymbolPlan, make_plan

LISTING = Listing(long_dated=True)
TIERS = "INDICES=5,LIQUID50=15,STOCKS=60"
NO_ARCHIVE = "nse-files=http://127.0.0.1:9"
"""Nobody listens there: the files of the archive are no part of the proof."""

type Spell = tuple[time, time]
"""From when on and until when invocations begin, in India's time."""

WHOLE_SESSION: tuple[Spell, ...] = ((time(9, 10), time(15, 48)),)


@dataclass(frozen=True)
class Scope:
    """What is recorded. An empty tuple of symbols stands for all that are listed.

    `expiries` are the nearest ones of each tick; one of the others comes beside them in turn.
    """

    day: date
    spells: Sequence[Spell] = WHOLE_SESSION
    symbols: tuple[str, ...] = ()
    tiers: str = TIERS
    groups: int = 2
    expiries: int = 1
    seed: int = 7

    def environment(self, uri: str, database: str) -> dict[str, str]:
        """Return the settings of the recorder as environment variables."""
        return {
            "MONGODB_URI": uri,
            "MONGODB_DATABASE": database,
            "NSE_SYMBOLS": ",".join(self.symbols) or "ALL",
            "NSE_TIERS": self.tiers,
            "NSE_FETCH_INTERVAL": "5",
            "NSE_EXPIRIES": str(self.expiries),
            "NSE_MAX_REQUESTS_PER_SECOND": "20",
            "SOURCE_URLS": NO_ARCHIVE,
            "LOG_LEVEL": "ERROR",
        }

    def symbol_list(self) -> SymbolList:
        """Return the list of the day, with what each stock has traded the day before."""
        listed = {
            item.symbol: ListedSymbol(
                symbol=item.symbol,
                kind="index" if item.kind == "Indices" else "stock",
                since=self.day,
                expiries=len(LISTING.expiries(item.symbol, self.day)),
                traded=_traded(item),
            )
            for item in INSTRUMENTS.values()
        }
        return SymbolList(self.day, instant(self.day, time(8)), "nse", listed)

    def plan(self, settings: Settings) -> SymbolPlan:
        """Return the plan that every recorder makes."""
        return make_plan(settings, self.symbol_list())

    def covered(self) -> list[tuple[datetime, datetime]]:
        """Return each spell as instants, UTC."""
        return [(instant(self.day, first), instant(self.day, last)) for first, last in self.spells]


def instant(day: date, clock: time) -> datetime:
    """Return the instant of a time of India's clock, UTC."""
    return datetime.combine(day, clock, IST).astimezone(UTC)


def starts(spell: tuple[datetime, datetime], every: timedelta) -> list[datetime]:
    """Return when the invocations of a spell begin."""
    first, last = spell
    return [first + every * number for number in range(-((first - last) // every))]


def _traded(item: Instrument) -> float:
    return item.interest * item.lot * item.price
