"""What is kept of the days of one symbol, as a table of all symbols needs it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.symbol_day import ExpiryClose


@dataclass(frozen=True)
class SymbolRecord:
    """The newest two documents of a symbol's days, and the volatilities of all its days.

    `ivs` are the values of `iv_30d`, one for each day; both are in order of the day.
    """

    days: Sequence[Mapping[str, Any]]
    ivs: Sequence[float | None]

    def of(self, day: date) -> Mapping[str, Any] | None:
        """Return the document of a day, if it is one of the newest."""
        return next((each for each in self.days if each["day"] == midnight_utc(day)), None)

    def ivs_before(self, day: date) -> Sequence[float | None]:
        """Return the volatilities of the days before one, in order."""
        later = sum(each["day"] >= midnight_utc(day) for each in self.days)
        return self.ivs[: len(self.ivs) - later]

    @property
    def expiries(self) -> list[date]:
        """Return the expiries that were listed on the newest day, in order; the nearest first."""
        if not self.days:
            return []
        rows = self.days[-1]["expiries"]
        return [each["expiry"].date() for each in rows if not each["withdrawn"]]


NO_RECORD = SymbolRecord((), ())


def close_in(day: Mapping[str, Any] | None, expiry_date: str) -> ExpiryClose | None:
    """Return the last values of an expiry on a day; None if it was not recorded."""
    rows: Sequence[ExpiryClose] = day["expiries"] if day else ()
    return next((each for each in rows if each["expiry_date"] == expiry_date), None)
