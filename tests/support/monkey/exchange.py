"""The monkey's exchange: it answers as the real one does, and lies where it is told to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import NamedTuple

from optionchain.exchange_time import exchange_date, expiry_text, parse_expiry
from tests.support.bodies import Json
from tests.support.monkey.lies import (
    CHAIN_LIES,
    HOLIDAY_LIES,
    LIST_LIES,
    Asked,
    as_bytes,
)
from tests.support.monkey.true_market import HOLIDAYS, SYMBOLS, Listing, chain_at, stamp_at


class Lie(NamedTuple):
    """A lie that is told until an instant, of one symbol, for a share of the requests."""

    name: str
    until: datetime
    symbol: str
    share: float = 1.0


class Sent(NamedTuple):
    """A body with a chain that was sent, and when by the clock of who asked."""

    at: datetime
    body: Json


@dataclass
class LyingExchange:
    """Answers requests by path, with the truth or with a lie. Remembers each chain that it sent."""

    now: Callable[[], datetime]
    listing: Listing
    chance: Random
    lies: list[Lie] = field(default_factory=list)
    stands_since: datetime | None = None
    sent: dict[tuple[str, date], list[Sent]] = field(default_factory=dict)
    _truths: dict[tuple[object, ...], Json] = field(default_factory=dict)

    def line(self, clock: Callable[[], datetime]) -> "Line":
        """Return an environment's way to the exchange."""
        return Line(self, clock)

    def answer(self, path: str, params: Mapping[str, str], at: datetime) -> bytes:
        """Return the body of an answer; raise Refused. `at` is the time of who asks."""
        symbol = params.get("symbol", "")
        match path.rpartition("/")[2]:
            case "option-chain-v3":
                return self._chain(symbol, parse_expiry(params["expiry"]), at)
            case "option-chain-contract-info":
                return as_bytes(self._contract_info(symbol))
            case "holiday-master":
                return as_bytes(self._holidays())
            case "underlying-information":
                return as_bytes(self._underlyings())
        raise AssertionError(f"{path} is asked")

    def truth(self, symbol: str, expiry: date) -> Json:
        """Return the true body of now; a body without rows if the expiry is not listed."""
        listed = self.listing.texts(symbol)
        body = chain_at(symbol, expiry, stamp_at(self.stands_since or self.now()))
        key = (symbol, expiry, body["records"]["timestamp"], *listed)
        if key not in self._truths:
            self._truths[key] = self._listed(body, expiry, listed)
        return self._truths[key]

    def _listed(self, body: Json, expiry: date, listed: list[str]) -> Json:
        records = body["records"] | {"expiryDates": listed}
        if expiry_text(expiry) not in listed:
            return {"records": records | {"data": [], "strikePrices": []}, "filtered": {"data": []}}
        return body | {"records": records}

    def _chain(self, symbol: str, expiry: date, at: datetime) -> bytes:
        truth = self.truth(symbol, expiry)
        lie = self._lie(CHAIN_LIES, symbol)
        asked = Asked(symbol, expiry, self.now(), truth)
        answer = CHAIN_LIES[lie](asked) if lie and truth["records"]["data"] else truth
        if isinstance(answer, dict) and answer.get("records", {}).get("data"):
            answer["records"]["expiryDates"] = self.listing.texts(symbol)
            self.sent.setdefault((symbol, expiry), []).append(Sent(at, answer))
        return as_bytes(answer)

    def _contract_info(self, symbol: str) -> Json:
        days = self.listing.now[symbol]
        lie = self._lie(LIST_LIES, symbol)
        told = LIST_LIES[lie](days) if lie else days
        texts = [expiry_text(day) for day in told] if isinstance(told, list) else None
        return {"strikePrice": []} | ({} if texts is None else {"expiryDates": texts})

    def _holidays(self) -> Json:
        lie = self._lie(HOLIDAY_LIES, "holidays")
        told = HOLIDAY_LIES[lie](exchange_date(self.now())) if lie else sorted(HOLIDAYS)
        return {"FO": [{"tradingDate": expiry_text(day), "description": "a day"} for day in told]}

    def _underlyings(self) -> Json:
        gone = {lie.symbol for lie in self._told() if lie.name == "the symbol is gone"}
        rows: dict[str, list[Json]] = {"Indices": [], "Equity": []}
        for symbol, kind in SYMBOLS.items():
            if symbol not in gone:
                rows[kind].append({"symbol": symbol, "underlying": symbol})
        return {"data": {"IndexList": rows["Indices"], "UnderlyingList": rows["Equity"]}}

    def _lie(self, kinds: Mapping[str, object], symbol: str) -> str | None:
        found = [lie for lie in self._told() if lie.name in kinds and lie.symbol == symbol]
        return next((lie.name for lie in found if self.chance.random() < lie.share), None)

    def _told(self) -> list[Lie]:
        return [lie for lie in self.lies if self.now() < lie.until]


@dataclass
class Line:
    """The HTTP session of one environment."""

    exchange: LyingExchange
    clock: Callable[[], datetime]

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:  # noqa: ARG002
        """Return the body of an answer; raise Refused."""
        return self.exchange.answer(path, params, self.clock())

    def close(self) -> None:
        """Do nothing: there are no connections."""
