"""Laws of Greeks and analytics, over numbers that no exchange would send as over ordinary ones."""

from collections.abc import Iterator
from datetime import timedelta
from math import exp, isclose, isfinite, nextafter

import orjson
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pyvolr import black76 as second

from optionchain.analytics import IvChoice, LegGreeks, Terms, analytics_of, greeks, price_now
from optionchain.analytics.quotes import Price
from optionchain.snapshot import Quote, Side, Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN as MOVES
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.snapshots import INTERVAL, TICK, snapshot
from tests.support.strategies import EXPIRIES, INSTANTS, SIDES

GREEKS = ("delta", "gamma", "theta", "vega", "rho")
TINY = nextafter(0.0, 1.0)

WILD = st.floats() | st.sampled_from([0.0, -0.0, -1.0, TINY, 1e-300, 0.05, 1.0, 24000.0, 1e308])
MAYBE = st.none() | WILD
# What a body can hold: JSON knows no infinity.
SENT = st.none() | WILD.filter(isfinite)
RATES = st.floats(0, 25)
IV_SOURCES = st.sampled_from(["price", "exchange"])
TERMS = st.builds(
    Terms,
    forward=MAYBE,
    forward_source=st.just("parity"),
    rate=WILD | st.just(5.5),
    days_to_expiry=WILD | st.floats(0, 1_000),
    iv_source=IV_SOURCES,
    payoff_fixed=st.booleans(),
)
# Of a call of 23,000: what no volatility gives, and what some do.
SENT_PRICES = st.sampled_from(
    ["no_price", "no_trade_today", (900.0, "mid"), (30_000.0, "last"), (1_010.0, "mid")]
)
SENT_TERMS = Terms(24000.0, "parity", 5.5, 3.0, "exchange")
# Terms and strikes that a market may have.
ORDINARY = st.builds(
    Terms,
    forward=st.floats(5, 100_000),
    forward_source=st.just("parity"),
    rate=st.floats(-5, 15),
    days_to_expiry=st.floats(1 / 1_440, 1_100),
    payoff_fixed=st.just(False),
)
# Of a spot that is traded, that stands still, and that has moved to the auction's price.
FACTS = st.sampled_from(
    [
        MOVES,
        SnapshotFacts(TICK, TICK),
        SnapshotFacts(underlying_since=TICK + INTERVAL, frozen_since=TICK),
    ]
)
MONEYNESS = st.floats(0.5, 2)


@given(SIDES, WILD, MAYBE, st.builds(price_now, MAYBE, MAYBE, MAYBE, MAYBE), TERMS)
@example("CE", 24000.0, None, (100.0, "last"), Terms(24000.0, "parity", 5.5, 0.0))
@example("CE", 24000.0, None, (100.0, "last"), Terms(24000.0, "parity", -1e9, 1e6))
@example("CE", 24000.0, None, (float("nan"), "last"), Terms(24000.0, "parity", 5.5, 3.0))
@example("PE", -1.0, 12.0, "no_price", SENT_TERMS)
@example("PE", 0.0, 12.0, "no_price", SENT_TERMS)
@example("CE", 24000.0, 12.0, "no_price", SENT_TERMS._replace(forward=-24000.0))
@example("CE", 24000.0, 12.0, "no_price", SENT_TERMS._replace(forward=float("inf")))
@example("CE", 24000.0, 12.0, "no_price", SENT_TERMS._replace(days_to_expiry=float("nan")))
def test_the_greeks_of_any_leg_are_numbers_or_have_a_reason(
    side: Side, strike: float, volatility: float | None, price: Price, terms: Terms
) -> None:
    derived = greeks(side, strike, volatility, price, terms)
    values = [getattr(derived, name) for name in GREEKS]
    assert all(isfinite(value) for value in values if value is not None)
    assert derived.iv is None or isfinite(derived.iv)
    assert (derived.reason is None) == (None not in values)
    assert derived.reason is None or values == [None] * 5
    assert (derived.iv is None) == (derived.iv_source is None)
    if derived.reason is None:
        assert derived.iv is not None
        assert derived.iv > 0
        check_signs(side, derived)


def check_signs(side: Side, derived: LegGreeks) -> None:
    assert derived.delta is not None
    assert derived.gamma is not None
    assert derived.vega is not None
    assert derived.delta >= 0 if side == "CE" else derived.delta <= 0
    assert derived.gamma >= 0
    assert derived.vega >= 0


@given(SENT_PRICES, st.floats(1, 300), IV_SOURCES)
def test_the_exchange_s_volatility_is_a_choice_or_the_last_resort(
    price: Price, volatility: float, iv_source: IvChoice
) -> None:
    terms = SENT_TERMS._replace(iv_source=iv_source)
    alone = greeks("CE", 23000.0, None, price, terms)
    derived = greeks("CE", 23000.0, volatility, price, terms)
    if iv_source == "exchange" or (alone.iv is None and price != "no_trade_today"):
        assert (derived.iv, derived.iv_source, derived.reason) == (volatility, "exchange", None)
    else:
        assert derived == alone


@given(ORDINARY, MONEYNESS, st.floats(1, 300))
def test_call_and_put_keep_parity(terms: Terms, moneyness: float, volatility: float) -> None:
    assert terms.forward is not None
    strike = terms.forward * moneyness
    sent = terms._replace(iv_source="exchange")
    call, put = (greeks(side, strike, volatility, "no_price", sent) for side in ("CE", "PE"))
    rate, discount = terms.rate / 100, exp(-terms.rate / 100 * terms.years)
    forward_worth = discount * (terms.forward - strike)
    scale = terms.forward
    assert call.gamma == put.gamma
    assert call.vega == put.vega
    for name, expected, size in (
        ("delta", discount, 1.0),
        ("theta", rate * forward_worth / 365, scale),
        ("rho", -terms.years * forward_worth / 100, scale),
    ):
        difference = getattr(call, name) - getattr(put, name)
        assert isclose(difference, expected, rel_tol=1e-9, abs_tol=1e-12 * size), name


@given(ORDINARY, MONEYNESS, SIDES, st.floats(1, 490))
def test_a_solved_volatility_prices_its_leg_again(
    terms: Terms, moneyness: float, side: Side, volatility: float
) -> None:
    assert terms.forward is not None
    strike, flag = terms.forward * moneyness, "c" if side == "CE" else "p"
    domain = flag, terms.forward, strike, terms.years, terms.rate / 100
    price = float(second.price(*domain, volatility / 100))
    assume(price >= 0.01)
    derived = greeks(side, strike, None, (price, "last"), terms)
    if derived.reason is not None:
        assert derived.reason in {"no_time_value", "below_intrinsic", "above_maximum"}, derived
        intrinsic = exp(-domain[4] * domain[3]) * max(
            terms.forward - strike if side == "CE" else strike - terms.forward, 0.0
        )
        most = exp(-domain[4] * domain[3]) * (terms.forward if side == "CE" else strike)
        assert price - intrinsic < 0.01 or price >= most
        return
    assert derived.iv is not None
    again = float(second.price(*domain, derived.iv / 100))
    assert isclose(again, price, rel_tol=1e-9), derived


@st.composite
def wild_snapshots(draw: st.DrawFn) -> Snapshot:
    """A chain with any number in any place, of one side or of both, of one strike or of a few."""
    legs = st.tuples(st.floats(0.05, 1e6) | st.sampled_from([24000.0, 24050.0]), SIDES)
    contracts = draw(st.lists(legs, min_size=1, max_size=6, unique=True))
    units = st.integers(0, 10**12)
    places = dict.fromkeys(Quote._fields, SENT) | {"bid_qty": units, "ask_qty": units}
    quotes = []
    for strike, side in sorted(contracts):
        known = {"side": st.just(side), "strike_price": st.just(strike)}
        quotes.append(draw(st.builds(Quote, **{**places, **known})))
    expiry, stamp = draw(EXPIRIES), draw(INSTANTS)
    return Snapshot("NIFTY", expiry, stamp, stamp, draw(SENT), tuple(quotes))


def numbers_in(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from numbers_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, float | int):
        yield value


@given(wild_snapshots(), RATES, FACTS)
@example(snapshot(underlying=None), 5.5, MOVES)
@example(snapshot((24000.0,), open_interest=None), 5.5, MOVES)
@example(snapshot(open_interest=0.5, total_traded_volume=0.0, change_in_oi=-0.25), 5.5, MOVES)
@example(snapshot(open_interest=1e308, change_in_oi=1e308, total_traded_volume=1e308), 5.5, MOVES)
@example(snapshot(bid_price=1e308, ask_price=1e308, implied_volatility=None), 5.5, MOVES)
def test_analytics_of_any_chain_are_numbers_or_have_reasons(
    chain: Snapshot, rate: float, facts: SnapshotFacts
) -> None:
    document = analytics_of(chain, rate, facts)
    missing = {name for name, value in document.items() if value is None}
    # A source has no number of its own: it is missing where its price is.
    assert missing - {"forward_source", "reference_source"} == set(document["reasons"])
    assert all(document["reasons"].values())
    assert all(isfinite(number) for number in numbers_in(document))
    assert orjson.loads(orjson.dumps(document)).keys() == document.keys()


@given(st.integers(-400, 0))
def test_an_expiry_that_has_passed_has_no_forward_and_no_greeks(days: int) -> None:
    chain = snapshot()
    past = snapshot(expiry=chain.stamp.date() + timedelta(days=days - 1))
    document = analytics_of(past, 5.5)
    assert document["forward"] is None
    assert document["reasons"]["forward"] == "expired"
    assert document["net_gamma_exposure"] is None
    assert document["pcr_oi"] == 1.0
    assert document["days_to_expiry"] < 0
