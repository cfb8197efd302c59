"""The expiries of a symbol beside each other: term structure, and surface of volatilities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chain_api.caching.http_cache import Content, content_of
from chain_api.caching.resource import ChainQuery, Chains, Description
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer, json_bytes
from chain_api.queries.freshness import Freshness, combined_members
from chain_api.queries.priced_chains import PricedChain, priced_chains
from chain_api.rendering.analytics import model_of
from chain_api.rendering.formats import Format, lines
from optionchain.analytics import IvChoice, LegGreeks
from optionchain.mongo.documents import source_of
from optionchain.snapshot import Side

type Kind = Literal["term-structure", "surface"]

_SNAPSHOT = (
    "expiry_date",
    "timestamp",
    "exchange_timestamp",
    "source",
    "gap",
    "settled",
    "frozen",
)
_OF_MODEL = ("days_to_expiry", "payoff_fixed", "forward", "forward_source")
_FIGURES = (
    "reference_price",
    "reference_source",
    "atm_strike",
    "atm_iv",
    "straddle_price",
    "implied_move_percent",
    "skew_25_delta",
    "pcr_oi",
    "max_pain",
)
_OF_HEADER = ("call_open_interest", "put_open_interest", "lot_size")
TERM_COLUMNS = (*_SNAPSHOT, *_OF_MODEL, "underlying_value", *_FIGURES, *_OF_HEADER)
_OF_STRIKE = (
    "moneyness_percent",
    "iv",
    "call_iv",
    "put_iv",
    "call_delta",
    "put_delta",
)
SURFACE_COLUMNS = (*_SNAPSHOT, "days_to_expiry", "forward", "strike_price", *_OF_STRIKE)


@dataclass(frozen=True)
class ExpiriesResource:
    """All listed expiries of a symbol; the volatilities of a surface come from `iv_source`."""

    query: ChainQuery
    kind: Kind
    form: Format
    iv_source: IvChoice = "price"

    def find(self) -> Chains:
        """Return the newest snapshot of each expiry."""
        return self.query.find()

    def describe(self, state: Chains) -> Description:
        """Return the answer without its records."""
        headers = [chain.header for chain in state]
        rates = self.query.deps.analytics.rates(headers)
        options = (self.kind, self.iv_source, rates)
        representation = self.query.representation(state, self.form, *options)
        newest = max(headers, key=lambda header: header["fetched_at"])
        members = {
            "symbol": self.query.symbol,
            "underlying_value": newest["underlying_value"],
            **combined_members(state),
        }
        return Description(representation, members)

    def read(self, state: Chains) -> Content:
        """Return a record for each expiry. A term structure reads nothing more than headers."""
        records, columns = _READERS[self.kind](self.query.deps, state, self.iv_source)
        if self.form == "json":
            return content_of(json_bytes({"records": records}), self.form)
        flat = records if self.kind == "term-structure" else _by_strike(records)
        return content_of(lines(flat, columns, self.form), self.form)


type Records = tuple[Sequence[Answer], Sequence[str]]


def _term_structure(deps: Dependencies, chains: Chains, _: IvChoice) -> Records:
    records = []
    for chain in chains:
        header, document = chain.header, deps.analytics.of(chain.header)
        values: Mapping[str, Any] = document
        records.append(
            _snapshot(chain)
            | {name: values[name] for name in _OF_MODEL}
            | {"underlying_value": header["underlying_value"]}
            | {name: values[name] for name in _FIGURES}
            | {name: header.get(name) for name in _OF_HEADER}
            | {"reasons": _reasons_of_term(chain, values)}
        )
    return records, TERM_COLUMNS


def _reasons_of_term(chain: Freshness, document: Mapping[str, Any]) -> dict[str, str]:
    """Return why numbers of a record are null, without those that it does not have."""
    reasons = {
        name: reason
        for name, reason in document["reasons"].items()
        if name in (*_FIGURES, *_OF_MODEL)
    }
    for name in ("call_open_interest", "put_open_interest"):
        if chain.header.get(name) is None:
            reasons[name] = "missing_leg"
    if reason := chain.lot["lot_size_reason"]:
        reasons["lot_size"] = reason
    return reasons


def _surface(deps: Dependencies, chains: Chains, iv_source: IvChoice) -> Records:
    priced = priced_chains(deps, [chain.header for chain in chains], iv_source)
    records = [
        _snapshot(chain) | _smile(deps, found, iv_source)
        for chain, found in zip(chains, priced, strict=True)
    ]
    return records, SURFACE_COLUMNS


def _smile(deps: Dependencies, chain: PricedChain, iv_source: IvChoice) -> Answer:
    document, forward = deps.analytics.of(chain.header), chain.terms.forward
    legs: dict[tuple[Side, float], LegGreeks] = {
        (leg["type"], leg["strike_price"]): found for leg, found in chain.legs
    }
    strikes = sorted({strike for _, strike in legs})
    nothing = LegGreeks()
    calls = [legs.get(("CE", strike), nothing) for strike in strikes]
    puts = [legs.get(("PE", strike), nothing) for strike in strikes]
    return {
        "model": model_of(document, iv_source),
        "reference_price": document["reference_price"],
        "atm_strike": document["atm_strike"],
        "strike_prices": strikes,
        "moneyness_percent": [100 * strike / forward if forward else None for strike in strikes],
        "iv": [
            (put if forward and strike < forward else call).iv if forward else None
            for strike, call, put in zip(strikes, calls, puts, strict=True)
        ],
        "call_iv": [call.iv for call in calls],
        "put_iv": [put.iv for put in puts],
        "call_delta": [call.delta for call in calls],
        "put_delta": [put.delta for put in puts],
    }


_READERS: Mapping[Kind, Callable[[Dependencies, Chains, IvChoice], Records]] = {
    "term-structure": _term_structure,
    "surface": _surface,
}


def _snapshot(chain: Freshness) -> Answer:
    """Return what a record says of its snapshot: nothing that a confirmation changes."""
    header = chain.header
    return {
        "expiry_date": header["expiry_date"],
        "timestamp": header["fetched_at"],
        "exchange_timestamp": header["exchange_timestamp"],
        "source": source_of(header),
        "gap": chain.gap,
        "settled": chain.settled,
        "frozen": chain.frozen_since is not None,
    }


def _by_strike(records: Sequence[Answer]) -> list[Answer]:
    """Return a record for each expiry and strike."""
    return [
        {name: record[name] for name in _SNAPSHOT}
        | {name: record["model"][name] for name in ("days_to_expiry", "forward")}
        | {"strike_price": strike}
        | {name: record[name][rank] for name in _OF_STRIKE}
        for record in records
        for rank, strike in enumerate(record["strike_prices"])
    ]
