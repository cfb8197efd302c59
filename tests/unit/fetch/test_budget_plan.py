"""What the budget of a source carries, and the nearest settings that work."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chain_fetch.http.timetable import Timetable
from chain_fetch.http.window import Window
from chain_fetch.recording.budget.budget_demand import INTERVALS, Demand, TierDemand, demand_of
from chain_fetch.recording.budget.budget_plan import TickPlaces, plan_of
from chain_fetch.recording.budget.budget_share import Share
from chain_fetch.recording.budget.budget_words import (
    nearest_demands,
    plan_document,
    plan_text,
    refusal,
)
from chain_fetch.source import SourceTerms
from chain_fetch.upstox.source import terms as upstox_terms
from local.market_size import UNIVERSE, assumed_list
from optionchain.settings import Settings
from optionchain.symbol_plan import make_plan
from optionchain.symbol_selection import tiers_of
from tests.support.budgets import FEW, MANY

TURNS = SourceTerms((Window(3, 1),), by_address=True, turns=True)
CASES = [
    # terms, symbols, interval, nearest, does it work, rotating a tick
    (
        MANY,
        (2, 5, 2),
        True,
        Fraction(1900, 360) - 4,
    ),  # 1,440 in 30 min, and 1,900 of 2,000 are used
    (MANY, (2, 5, 1), True, 2),  # one further expiry of each symbol
    (MANY, (3, 5, 2), False, 0),
    (MANY, (20, 30, 1), True, Fraction(1900, 60) - 20),
    (FEW, (2, 6, 1), True, 0),
    (FEW, (2, 5, 1), False, 0),  # the second one would have no time left
    (FEW, (2, 12, 1), True, 2),
    (FEW, (1, 3, 1), True, 0),
    (FEW, (1, 2, 1), False, 0),
    # The table of docs/operations.md.
    (MANY, (5, 5, 1), True, Fraction(1900, 360) - 5),
    (MANY, (10, 10, 1), True, Fraction(1900, 180) - 10),
    (MANY, (63, 60, 1), True, Fraction(1900, 30) - 63),
    (FEW, (2, 12, 2), True, 0),
    (FEW, (1, 5, 1), True, 0),
    (FEW, (20, 60, 1), True, 0),
    (TURNS, (2, 5, 2), True, 2),
    (TURNS, (10, 5, 2), True, 0),  # in turns: each every 6.7 s
    (TURNS, (20, 5, 2), False, 0),  # each every 13.3 s
    (TURNS, (100, 60, 2), False, 0),  # each every 67 s: less than once a minute
]


@pytest.mark.parametrize(("terms", "asked", "works", "rotating"), CASES)
def test_a_plan_says_whether_the_budget_carries_it_and_how_many_further_expiries(
    terms: SourceTerms, asked: tuple[int, int, int], works: bool, rotating: Fraction
) -> None:
    plan = plan_of(terms, Demand(*asked))
    assert (plan.works, plan.rotating) == (works, rotating)


@pytest.mark.parametrize(
    ("terms", "asked", "nearest"),
    [
        (FEW, (2, 5, 2), [(2, 6, 1), (2, 12, 2)]),
        (FEW, (2, 6, 2), [(2, 6, 1), (2, 12, 2)]),
        (FEW, (1, 5, 2), [(1, 5, 1), (1, 6, 2)]),
        (FEW, (2, 1, 1), [(2, 6, 1)]),
        (FEW, (20, 60, 2), [(20, 60, 1)]),
        (FEW, (21, 5, 2), []),
        (MANY, (4, 5, 2), [(4, 5, 1), (4, 10, 2)]),
    ],
)  # fmt: skip
def test_the_nearest_settings_keep_the_interval_or_the_expiries(
    terms: SourceTerms, asked: tuple[int, int, int], nearest: list[tuple[int, int, int]]
) -> None:
    assert nearest_demands(terms, Demand(*asked)) == [Demand(*each) for each in nearest]


def test_a_refusal_names_what_is_asked_what_fits_and_what_works() -> None:
    demand = Demand(2, 5, 2)
    assert refusal("dhan", plan_of(FEW, demand), FEW) == (
        "source dhan does not carry 2 symbols (NSE_SYMBOLS) x NSE_EXPIRIES=2 each 5 s: these are "
        "4 chains, and 1 fit (1 request in 3 s); what works: NSE_EXPIRIES=1 and "
        "NSE_FETCH_INTERVAL=6, or NSE_EXPIRIES=2 and NSE_FETCH_INTERVAL=12"
    )
    many = Demand(99, 60, 1)
    assert refusal("dhan", plan_of(FEW, many), FEW).endswith(
        "what works: at most 20 symbols with NSE_EXPIRIES=1 and NSE_FETCH_INTERVAL=60"
    )


def test_a_plan_says_its_numbers() -> None:
    document = plan_document(plan_of(MANY, Demand(2, 5, 2)))
    assert document == {
        "symbols": 2,
        "interval_seconds": 5,
        "nearest_expiries": 2,
        "rotating_per_tick": 1.27,
        "chains_per_tick": 4,
        "capacity_per_tick": 5.27,
        "in_turns": False,
        "works": True,
        "groups": 1,
        "addresses": 1,
        "tiers": [{"tier": "BASE", "symbols": 2, "interval_seconds": 5, "period_seconds": 5.0}],
        "windows": [each._asdict() for each in MANY.windows],
        "text": "2 symbols x 2 nearest expiries each 5 s, and 1.27 further in rotation; 5.27 fit",
    }
    turns = plan_text(plan_of(TURNS, Demand(UNIVERSE, 60, 2)))
    assert turns == "213 symbols x 2 nearest expiries each 60 s, in turns: each is read every 142 s"


HALF = Share(Fraction(0), Fraction(1, 2))


@pytest.mark.parametrize(
    ("terms", "symbols", "share", "places"),
    [
        # The places of a tick: nearest, further, and one for a list that is due.
        (MANY, 2, Share(), TickPlaces(4 + 2 + 1, Fraction(1900, 360) - 4)),
        (MANY, 1, HALF, TickPlaces(2 + 1 + 1, Fraction(1900, 720) - 2)),
        (MANY, 2, HALF, TickPlaces(2 + 1 + 1, Fraction(1900, 720) - 2)),  # others were not known
        (FEW, 2, Share(), TickPlaces(1, Fraction(0))),
        (TURNS, 2, Share(), TickPlaces(15, None)),
        (TURNS, 2, HALF._replace(of=2), TickPlaces(7, None)),
        (TURNS, 2, Share(Fraction(0), Fraction(1, 99)), TickPlaces(1, None)),
    ],
)
def test_a_group_of_symbols_gets_its_share_of_a_tick(
    terms: SourceTerms, symbols: int, share: Share, places: TickPlaces
) -> None:
    assert plan_of(terms, Demand(2, 5, 2)).places(symbols, 5, 5, share, 0) == places


def test_a_tick_of_a_part_of_the_grid_has_a_part_of_the_places() -> None:
    """Symbols that are read each minute, twelve times a minute a twelfth of them."""
    plan = plan_of(MANY, Demand(36, 60, 1))
    assert plan.capacity == Fraction(1900, 30)
    assert plan.places(3, 5, 5, Share(), 0).rotating == Fraction(1900, 360) - 3


@pytest.mark.parametrize(("interval", "requests"), [(3, 1), (6, 2), (10, 3), (60, 3)])
def test_a_list_has_a_place_of_its_own_where_the_windows_carry_one_more(
    interval: int, requests: int
) -> None:
    """One nearest chain and one in rotation, whose place a list takes only if it must."""
    plan = plan_of(FEW, Demand(1, interval, 1))
    assert plan.places(1, interval, interval, Share(), 0).requests == requests


@pytest.mark.parametrize(("quotes", "works"), [(False, True), (True, False)])
def test_the_defaults_fit_upstox_without_quotes(*, quotes: bool, works: bool) -> None:
    settings = Settings(upstox_quotes=quotes)
    demand = demand_of(settings, make_plan(settings))
    assert plan_of(upstox_terms(settings), demand).works is works


TIERS = (TierDemand("INDICES", 5, 5), TierDemand("LIQUID50", 50, 15), TierDemand("STOCKS", 158, 60))


def test_tiers_ask_for_what_the_ticks_of_the_grid_read_on_average() -> None:
    settings = Settings(
        nse_symbols=("ALL",), nse_tiers=tiers_of("INDICES=5,LIQUID50=15,STOCKS=60"), nse_addresses=4
    )
    demand = demand_of(settings, make_plan(settings, assumed_list()), groups=4)
    assert demand == Demand(UNIVERSE, 5, 2, TIERS, 4, 4)
    assert demand.due == 5 + Fraction(50, 3) + Fraction(158, 12)
    named = demand_of(settings, make_plan(settings, assumed_list()), ["NIFTY", "NEW"])
    assert named.symbols == UNIVERSE + 1
    assert TierDemand("BASE", 1, 5) in named.tiers


@pytest.mark.parametrize(
    ("groups", "addresses", "capacity"), [(1, 4, 15), (4, 1, 15), (4, 4, 60), (3, 2, 22.5)]
)
def test_addresses_carry_as_much_as_the_groups_that_use_them(
    groups: int, addresses: int, capacity: float
) -> None:
    demand = Demand(UNIVERSE, 5, 2, TIERS, groups, addresses)
    assert plan_of(TURNS, demand).capacity == capacity
    assert plan_of(MANY, demand).capacity == Fraction(1900, 360)  # an account has no address


def test_a_refusal_of_tiers_names_slower_tiers_and_more_addresses() -> None:
    demand = Demand(UNIVERSE, 5, 2, TIERS, 2, 2)
    plan = plan_of(TURNS, demand)
    assert not plan.works
    told = refusal("nse", plan, TURNS)
    assert "each 5 s (5 INDICES), 15 s (50 LIQUID50), 60 s (158 STOCKS)" in told
    assert "these are read: INDICES every 11.61 s, LIQUID50 every 34.83 s, STOCKS" in told
    named = nearest_demands(TURNS, demand)
    assert named[-1] == demand._replace(groups=5, addresses=5)
    assert named[-1].text() in told
    assert all(plan_of(TURNS, each).fits for each in named)


def test_a_chain_that_takes_two_requests_halves_the_budget() -> None:
    two = SourceTerms(MANY.windows, requests_per_chain=2)
    assert plan_of(two, Demand(2, 5, 1)).capacity == Fraction(950, 360)
    assert not plan_of(two, Demand(2, 5, 2)).works


def sources() -> st.SearchStrategy[SourceTerms]:
    window = st.builds(Window, st.integers(1, 40), st.sampled_from([1, 2, 3, 7, 10, 90]))
    return st.builds(
        SourceTerms,
        st.lists(window, min_size=1, max_size=3).map(tuple),
        requests_per_chain=st.integers(1, 2),
    )


def demands() -> st.SearchStrategy[Demand]:
    asked = st.tuples(st.integers(1, 6), st.sampled_from(INTERVALS), st.integers(1, 4))
    return asked.map(lambda each: Demand(*each))


@given(sources(), demands())
def test_what_is_named_does_work_and_nothing_nearer_does(
    terms: SourceTerms, demand: Demand
) -> None:
    for named in nearest_demands(terms, demand):
        assert plan_of(terms, named).works
        assert named.symbols == demand.symbols
        if named.nearest == demand.nearest:
            nearer = [each for each in INTERVALS if demand.interval < each < named.interval]
            assert not any(plan_of(terms, demand._replace(interval=each)).works for each in nearer)
        elif named.interval == demand.interval:
            assert (
                named.nearest == demand.nearest - 1
                or not plan_of(terms, named._replace(nearest=named.nearest + 1)).works
            )


@example(SourceTerms((Window(10, 7),)), Demand(6, 5, 1))  # two ticks within seven seconds
@example(SourceTerms((Window(7, 3),), requests_per_chain=2), Demand(1, 1, 1))
@given(sources(), demands())
def test_a_plan_that_works_has_a_place_for_each_of_its_chains_for_ever(
    terms: SourceTerms, demand: Demand
) -> None:
    """Tick after tick, sent as soon as there is room: no request waits until the next tick."""
    plan = plan_of(terms, demand)
    if not plan.works:
        return
    rate = plan.rotating
    timetable = Timetable(terms.windows)
    ticks = min(ceil(2 * max(each.seconds for each in terms.windows) / demand.interval), 90) + 2
    for tick in range(ticks):
        now = 1_780_000_000_000 + tick * demand.interval * 1_000
        timetable = timetable.up_to_date(now, now + 90_000)
        chains = plan.required + floor((tick + 1) * rate) - floor(tick * rate)
        for _ in range(chains * terms.requests_per_chain):
            place = timetable.next(now).at
            assert place < now + demand.interval * 1_000
            timetable.take(place)
