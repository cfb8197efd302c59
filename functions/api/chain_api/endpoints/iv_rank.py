"""Where the volatility of a symbol stands among its recorded days, at a moment, as a Resource."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chain_api.caching.http_cache import Content, content_of
from chain_api.caching.resource import ChainQuery, Chains, Description
from chain_api.calculations.iv_standing import standing_numbers
from chain_api.json_types import Answer, json_bytes
from chain_api.queries.freshness import combined_members
from chain_api.rendering.formats import Format, lines
from optionchain.constant_maturity import AtmVolatility
from optionchain.exchange_time import exchange_date

_NUMBERS = ("iv_30d", "iv_rank", "iv_percentile", "iv_days")
COLUMNS = ("symbol", "timestamp", *_NUMBERS)


class _State(NamedTuple):
    """The listed expiries, the nearest first, and the volatilities of the days before, in order."""

    chains: Chains
    past: Sequence[float | None]


@dataclass(frozen=True)
class IvRankResource:
    """The volatility in 30 days of the listed expiries, among those of the days before theirs."""

    query: ChainQuery
    form: Format

    def find(self) -> _State:
        """Return the newest snapshot of each expiry and the days before that of the nearest."""
        chains = self.query.find()
        day = exchange_date(chains[0].header["fetched_at"])
        past = self.query.deps.symbol_days.ivs_before(self.query.symbol, day)
        return _State(chains, past)

    def describe(self, state: _State) -> Description:
        """Return the answer without its numbers."""
        headers = [chain.header for chain in state.chains]
        rates = self.query.deps.analytics.rates(headers)
        depends_on = ("iv-rank", rates, state.past)
        representation = self.query.representation(state.chains, self.form, *depends_on)
        newest = max(headers, key=lambda header: header["fetched_at"])
        members = {
            "symbol": self.query.symbol,
            "underlying_value": newest["underlying_value"],
            **combined_members(state.chains),
        }
        return Description(representation, members)

    def read(self, state: _State) -> Content:
        """Return the numbers. They are of headers alone, but for those of older recorders."""
        answer = self._numbers(state)
        if self.form == "json":
            return content_of(json_bytes(answer), self.form)
        newest = max(chain.header["fetched_at"] for chain in state.chains)
        record = {"symbol": self.query.symbol, "timestamp": newest, **answer}
        return content_of(lines([record], COLUMNS, self.form), self.form)

    def _numbers(self, state: _State) -> Answer:
        headers = [chain.header for chain in state.chains]
        day = exchange_date(headers[0]["fetched_at"])
        of_day = [header for header in headers if exchange_date(header["fetched_at"]) == day]
        documents = map(self.query.deps.analytics.of, of_day)
        found = [AtmVolatility(each["days_to_expiry"], each["atm_iv"]) for each in documents]
        numbers, reasons = standing_numbers(found, state.past)
        return {name: numbers[name] for name in _NUMBERS} | {"reasons": reasons}
