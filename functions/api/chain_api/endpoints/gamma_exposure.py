"""The gamma exposure of a symbol's chain by strike, and at other prices than that of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain_api.caching.http_cache import Content, content_of
from chain_api.caching.resource import ChainQuery, Chains, Description
from chain_api.json_types import Answer, json_bytes
from chain_api.queries.freshness import combined_members
from chain_api.queries.priced_chains import PricedChain, priced_chains
from chain_api.rendering.analytics import model_of
from chain_api.rendering.formats import Format, lines
from optionchain.analytics import (
    ExposedChain,
    ExposedLeg,
    GammaProfile,
    IvChoice,
    StrikeExposure,
    exposures_by_strike,
    gamma_profile,
)
from optionchain.mongo.documents import HeaderDocument

_SIDES = StrikeExposure._fields  # call, put, net
_NAMES = tuple(f"{side}_gamma_exposure" for side in _SIDES)
COLUMNS = ("strike_price", *_NAMES, *(f"{name}_rupees" for name in _NAMES))

type Strikes = Mapping[float, StrikeExposure]


@dataclass(frozen=True)
class GammaExposureResource:
    """The exposures of one expiry, or of all together; volatilities come from `iv_source`."""

    query: ChainQuery
    form: Format
    iv_source: IvChoice

    def find(self) -> Chains:
        """Return the newest snapshot of each expiry."""
        return self.query.find()

    def describe(self, state: Chains) -> Description:
        """Return the answer without what is derived."""
        headers = [chain.header for chain in state]
        rates = self.query.deps.analytics.rates(headers)
        options = ("gamma-exposure", self.iv_source, rates)
        representation = self.query.representation(state, self.form, *options)
        newest = max(headers, key=lambda header: header["fetched_at"])
        members = {
            "symbol": self.query.symbol,
            "underlying_value": newest["underlying_value"],
            **combined_members(state),
            "expiry_date": headers[0]["expiry_date"] if len(headers) == 1 else None,
        }
        return Description(representation, members)

    def read(self, state: Chains) -> Content:
        """Return the exposures; in other formats than JSON those by strike alone."""
        answer = self._answer([chain.header for chain in state])
        if self.form == "json":
            return content_of(json_bytes(answer), self.form)
        arrays = (answer["strike_prices"], *(answer[name] for name in COLUMNS[1:]))
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*arrays, strict=True)]
        return content_of(lines(rows, COLUMNS, self.form), self.form)

    def _answer(self, headers: Sequence[HeaderDocument]) -> Answer:
        deps = self.query.deps
        nearest = deps.analytics.of(headers[0])
        chains = [_exposed(each) for each in priced_chains(deps, headers, self.iv_source)]
        lots = [header.get("lot_size") for header in headers]
        known = [lot for lot in lots if lot]
        price, atm_iv = nearest["reference_price"], nearest["atm_iv"]
        strikes = exposures_by_strike(chains)
        profile = gamma_profile(chains, price, atm_iv)
        weighted, weighted_profile = None, None
        if len(known) == len(lots):
            in_lots = [chain._replace(weight=lot) for chain, lot in zip(chains, known, strict=True)]
            weighted = exposures_by_strike(in_lots)
            weighted_profile = gamma_profile(in_lots, price, atm_iv)
        flip = weighted_profile or profile
        return {
            "model": model_of(nearest, self.iv_source) if len(headers) == 1 else None,
            "reference_price": price,
            "reference_source": nearest["reference_source"],
            "totals": _totals(strikes, weighted, profile),
            "flip_level": flip.flip_level,
            "unpriced_legs": sum(leg.gamma is None for chain in chains for leg in chain.legs),
            "strike_prices": list(strikes),
            **_arrays(strikes, strikes, ""),
            **_arrays(strikes, weighted, "_rupees"),
            "profile": _profile(profile, weighted_profile),
            "reasons": _reasons(profile, flip, headers),
        }


def _exposed(chain: PricedChain) -> ExposedChain:
    legs = [
        ExposedLeg(leg["type"], leg["strike_price"], found.iv, found.gamma, leg["open_interest"])
        for leg, found in chain.legs
    ]
    return ExposedChain(legs, chain.terms)


def _arrays(strikes: Strikes, exposures: Strikes | None, ending: str) -> Answer:
    return {
        name + ending: [exposures[strike][rank] if exposures else None for strike in strikes]
        for rank, name in enumerate(_NAMES)
    }


def _totals(strikes: Strikes, weighted: Strikes | None, profile: GammaProfile) -> Answer:
    """Return the sums over the strikes; without a profile they are not known."""
    found: Answer = {}
    for ending, exposures in (("", strikes), ("_rupees", weighted)):
        for rank, name in enumerate(_NAMES):
            values = [each[rank] or 0.0 for each in exposures.values()] if exposures else []
            found[name + ending] = sum(values) if exposures and not profile.missing else None
    return found


def _profile(profile: GammaProfile, weighted: GammaProfile | None) -> Answer:
    return {
        "prices": profile.prices,
        "net_gamma_exposure": profile.exposures,
        "net_gamma_exposure_rupees": weighted.exposures
        if weighted
        else [None] * len(profile.prices),
    }


def _reasons(
    profile: GammaProfile, flip: GammaProfile, headers: Sequence[HeaderDocument]
) -> dict[str, Any]:
    unknown = [header for header in headers if not header.get("lot_size")]
    reasons = {
        "gamma_exposure": profile.missing,
        "gamma_exposure_rupees": profile.missing
        or (unknown[0].get("lot_size_reason") or "not_read" if unknown else None),
        "flip_level": flip.no_flip,
    }
    return {name: reason for name, reason in reasons.items() if reason}
