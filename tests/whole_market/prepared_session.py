"""What the simulated market answers, made before it is asked: an answer costs no work."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from local.nse_simulator.faults import CHAIN, CONTRACTS
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.v3_format import day_text
from local.run.market_session import MarketSession

type Asked = tuple[str, tuple[tuple[str, str], ...]]


class PreparedSession:
    """Takes the place of HTTP; `moment` names the instant whose answers are given.

    What was not prepared is asked of the market, and takes its time.
    """

    def __init__(
        self,
        market: Callable[[Callable[[], datetime]], SimulatedMarket],
        moment: Callable[[], datetime],
    ) -> None:
        self._moment = moment
        self._market = market(lambda: self._now)
        self._session = MarketSession(self._market)
        self._now = moment()
        self._answers: dict[tuple[datetime, Asked], bytes] = {}

    def prepare(self, moments: Iterable[datetime], symbols: Sequence[str]) -> None:
        """Make the lists and the chains of some symbols at each of these instants."""
        for self._now in moments:
            kinds = self._market.symbols()
            for symbol in symbols:
                self._answer(self._now, CONTRACTS, {"symbol": symbol})
                for expiry in self._market.expiries(symbol):
                    asked = {"type": kinds[symbol], "symbol": symbol, "expiry": day_text(expiry)}
                    self._answer(self._now, CHAIN, asked)

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:  # noqa: ARG002
        """Return the body of an answer."""
        return self._answer(self._moment(), path, params)

    def close(self) -> None:
        """Do nothing: there are no connections."""

    def _answer(self, moment: datetime, path: str, params: Mapping[str, str]) -> bytes:
        key = moment, (path, tuple(sorted(params.items())))
        if key not in self._answers:
            self._now = moment
            self._answers[key] = self._session.get(path, params, 0)
        return self._answers[key]
