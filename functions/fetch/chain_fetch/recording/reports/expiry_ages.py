"""How long ago each listed expiry was answered last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import Chain

_GOOD = ("stored", "unchanged")


@dataclass
class ExpiryAges:
    """The ticks at which the listed expiries of the symbols had their last good answers.

    It belongs to one thread.
    """

    answered_at: dict[Chain, datetime] = field(default_factory=dict)
    _listed: dict[str, tuple[date, ...]] = field(default_factory=dict)

    def note(
        self,
        tick: datetime,
        listed: Mapping[str, Sequence[date]],
        results: Iterable[RequestResult],
    ) -> None:
        """Remember what is listed of the symbols of a tick, and which answers were good."""
        for symbol, days in listed.items():
            if before := self._listed.get(symbol):
                # What is newly listed has no age before that.
                new = ((symbol, day) for day in days if day not in before)
                self.answered_at.update(dict.fromkeys(new, tick))
            self._listed[symbol] = tuple(days)
        for result in results:
            if result.outcome in _GOOD:
                self.answered_at[result.request.symbol, result.request.expiry] = tick

    def learn(
        self, listed: Mapping[str, Sequence[date]], answered_at: Mapping[Chain, datetime]
    ) -> None:
        """Take over what other invocations have stored."""
        self._listed |= {symbol: tuple(days) for symbol, days in listed.items()}
        for chain, instant in answered_at.items():
            self.answered_at[chain] = max(instant, self.answered_at.get(chain, instant))

    def oldest(self, symbols: Iterable[str], tick: datetime, since: datetime) -> dict[str, float]:
        """Return the largest age of a listed expiry of each symbol, in seconds.

        Ages begin `since` an instant at the earliest: at the opening of the session. So does that
        of an expiry that was never answered, and of a symbol whose expiries are not known.
        """
        return {symbol: self._age(symbol, tick, since) for symbol in symbols}

    def _age(self, symbol: str, tick: datetime, since: datetime) -> float:
        answered = [
            max(self.answered_at.get((symbol, day), since), since)
            for day in self._listed.get(symbol, ())
        ]
        return max((tick - min(answered, default=since)).total_seconds(), 0.0)
