"""Which part of a budget each group gets: all of it together, and each its own part soon."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.budget.budget_share import (
    ServedGroup,
    Share,
    share_of_account,
    share_of_address,
)
from chain_fetch.recording.budget.budget_sharing import BudgetSharing
from chain_fetch.recording.budget.known_symbols import KnownSymbols
from optionchain.errors import StoreUnavailable
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan, make_plan
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK

SYMBOLS = tuple(f"S{number}" for number in range(12))
PLAN = make_plan(Settings(nse_symbols=SYMBOLS))
LOADS = st.lists(st.integers(1, 9), min_size=1, max_size=8)


def one(symbol: str) -> Fraction:  # noqa: ARG001
    return Fraction(1)


def shares(loads: list[int]) -> list[Share]:
    """Shares side by side, of so much load each."""
    whole, ends = (
        sum(loads),
        [Fraction(sum(loads[: each + 1]), sum(loads)) for each in range(len(loads))],
    )
    return [
        Share(end - Fraction(load, whole), end, number, len(loads))
        for number, (load, end) in enumerate(zip(loads, ends, strict=True))
    ]


@given(LOADS, st.integers(1, 60), st.integers(0, 10**9))
def test_all_shares_together_are_the_whole_of_each_tick(
    loads: list[int], whole: int, tick: int
) -> None:
    assert sum(each.places(whole, tick) for each in shares(loads)) == whole


@given(LOADS, st.integers(1, 60), st.integers(0, 10**9))
def test_each_gets_its_share_within_as_many_ticks_as_there_are_shares(
    loads: list[int], whole: int, first: int
) -> None:
    for share in shares(loads):
        got = sum(share.places(whole, first + each) for each in range(share.of))
        assert abs(got - share.size * whole * share.of) < 1


@given(st.integers(1, 8), st.integers(1, 8))
def test_the_groups_of_an_address_share_it_and_those_of_others_do_not(
    groups: int, addresses: int
) -> None:
    by_address: dict[int, list[Share]] = {}
    for number in range(1, groups + 1):
        group = ServedGroup(PLAN.share(number, groups), number, groups)
        share = share_of_address(PLAN, group, (), addresses, one)
        by_address.setdefault(group.address(addresses), []).append(share)
    assert len(by_address) == min(groups, addresses)
    for found in by_address.values():
        assert sum(each.size for each in found) == 1
        assert [each.begins for each in found] == [0, *(each.ends for each in found[:-1])]
        assert [(each.number, each.of) for each in found] == [
            (number, len(found)) for number in range(len(found))
        ]


@pytest.mark.parametrize(
    ("group", "on_duty", "addresses", "size"),
    [
        (ServedGroup(SYMBOLS), (), 1, 1),
        (ServedGroup(SYMBOLS), ("OTHER", "S0"), 1, Fraction(12, 13)),
        # A group that names its symbols asks from the first address, and so do the plan's.
        (ServedGroup(("OTHER",)), ("OTHER",), 1, Fraction(1, 13)),
        (ServedGroup(("S0", "S1")), (), 1, Fraction(2, 12)),
        (ServedGroup(PLAN.share(1, 2), 1, 2), ("OTHER",), 2, Fraction(6, 7)),
        (ServedGroup(PLAN.share(2, 2), 2, 2), ("OTHER",), 2, 1),
        (ServedGroup(()), (), 1, 1),
    ],
)
def test_whoever_asks_from_the_same_address_is_counted(
    group: ServedGroup, on_duty: tuple[str, ...], addresses: int, size: Fraction
) -> None:
    assert share_of_address(PLAN, group, on_duty, addresses, one).size == size


def test_an_account_is_shared_by_all_whatever_their_address() -> None:
    group = ServedGroup(PLAN.share(1, 3), 1, 3)
    assert share_of_account(PLAN, group, ("OTHER",), one).size == Fraction(4, 13)


@uses_mongomock
def test_a_symbol_counts_by_its_requests_a_second_also_while_the_plan_is_not_known() -> None:
    settings = Settings(nse_symbols=("NIFTY", "SBIN"))
    known: list[SymbolPlan] = [make_plan(settings)]

    def plan() -> SymbolPlan:
        if not known:
            raise StoreUnavailable("nobody answers")
        return known[0]

    duties = KnownSymbols(ShiftRegister(memory_database()), lambda: TICK)
    sharing = BudgetSharing(plan, duties, settings)
    sharing.serve(["NIFTY"])
    assert (sharing.of_address().size, sharing.of_account().size) == (Fraction(1, 2),) * 2
    known.clear()
    assert sharing.of_address().size == Fraction(1, 2)
    sharing.serve(["NIFTY"], 3, 4)
    assert sharing.address() == 1
