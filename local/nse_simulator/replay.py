"""Captured v3 bodies, served as if they were today's: times are moved, numbers are not."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

import orjson

from local.nse_simulator.captures import Moment, read_moments, shift_dates
from local.nse_simulator.v3_format import (
    SIDES,
    JsonObject,
    Kind,
    parse_day,
    parse_stamp,
    stamp_text,
    today,
    utc_now,
    without_rows,
)


class ReplayMarket:
    """A market that replays the captures of a folder, one moment each `step_seconds`.

    The folder holds `<exchange time>-<capture time>/<expiry>.json.gz`, or v3 bodies themselves.
    The last moment stays. With `position` set, that moment is served until the position changes.
    `shift_days` is the number of days by which the dates are moved. A stamp that would then be of
    the future becomes one of the last seconds before the start; the order of stamps stays. Raises
    ValueError if the folder holds no v3 body.
    """

    label = "REPLAY"

    def __init__(
        self,
        folder: Path | str,
        clock: Callable[[], datetime] = utc_now,
        step_seconds: float = 30,
        position: int | None = None,
    ) -> None:
        self.step_seconds = step_seconds
        self.position = position
        self._clock = clock
        self._started = clock()
        captured = list(read_moments(Path(folder)))
        if not captured:
            raise ValueError(f"no captured v3 body in {folder}")
        self.shift_days = (today(self._started) - _last_day(captured)).days
        self._moments = [_moved_moment(moment, self.shift_days) for moment in captured]
        self.stamps = _past_stamps(self._moments, self._started)
        for moment in self._moments:
            for body in moment.values():
                records = body["records"]
                records["timestamp"] = self.stamps[records["timestamp"]]

    def __len__(self) -> int:
        """Return the number of moments."""
        return len(self._moments)

    def advance(self, moments: int = 1) -> int:
        """Advance by some moments from the current one; return the new position."""
        self.position = min(self._index(self.now()) + moments, len(self) - 1)
        return self.position

    def now(self) -> datetime:
        """The market's clock, in UTC."""
        return self._clock()

    def symbols(self) -> dict[str, Kind]:
        """Every symbol that was captured."""
        return {
            symbol: "Indices" if "OPTIDX" in _identifiers(body)[0] else "Equity"
            for moment in self._moments
            for (symbol, _), body in moment.items()
        }

    def expiries(self, symbol: str) -> list[date]:
        """The captured expiries of a symbol from today (IST) on, nearest first."""
        found = {expiry for moment in self._moments for name, expiry in moment if name == symbol}
        return sorted(expiry for expiry in found if expiry >= today(self.now()))

    def strikes(self, symbol: str) -> list[float]:
        """All strikes of the symbol's captured rows, ascending."""
        bodies = [
            body for moment in self._moments for (s, _), body in moment.items() if s == symbol
        ]
        return sorted({row["strikePrice"] for body in bodies for row in body["records"]["data"]})

    def chain(self, symbol: str, expiry: date, instant: datetime | None = None) -> JsonObject:
        """The body of one expiry at the moment of the instant (default: now)."""
        return self._body(symbol, expiry, self._index(instant or self.now()))

    def previous(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:
        """The body of the moment before; of the first moment its own."""
        return self._body(symbol, expiry, max(self._index(instant) - 1, 0))

    def _index(self, instant: datetime) -> int:
        passed = (instant - self._started).total_seconds() // self.step_seconds
        place = int(passed) if self.position is None else self.position
        return min(max(place, 0), len(self) - 1)

    def _body(self, symbol: str, expiry: date, place: int) -> JsonObject:
        moment = self._moments[place]
        body = moment.get((symbol, expiry)) or next(
            without_rows(other) for (name, _), other in moment.items() if name == symbol
        )
        copy: JsonObject = orjson.loads(orjson.dumps(body))
        return copy


def _moved_moment(moment: Moment, days: int) -> Moment:
    return {
        (symbol, expiry + timedelta(days=days)): cast("JsonObject", shift_dates(body, days))
        for (symbol, expiry), body in moment.items()
    }


def _past_stamps(moments: Sequence[Moment], started: datetime) -> dict[str, str]:
    """Return for each stamp of these moments the one to serve: none is later than the start."""
    texts = {body["records"]["timestamp"] for moment in moments for body in moment.values()}
    ordered = sorted(texts, key=parse_stamp)
    latest = [started - timedelta(seconds=left) for left in reversed(range(len(ordered)))]
    return {
        text: stamp_text(min(parse_stamp(text), bound))
        for text, bound in zip(ordered, latest, strict=True)
    }


def _last_day(moments: list[Moment]) -> date:
    bodies = [body for moment in moments for body in moment.values()]
    return max(parse_day(body["records"]["timestamp"][:11]) for body in bodies)


def _identifiers(body: JsonObject) -> list[str]:
    legs = [row[side] for row in body["records"]["data"] for side in SIDES if side in row]
    return [leg["identifier"] for leg in legs if leg["identifier"]]
