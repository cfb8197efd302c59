"""Changes since the previous close, of chains with contracts that had none."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from optionchain.analytics import AnalyticsDocument, analytics_of
from optionchain.exchange_time import exchange_date
from optionchain.snapshot import Leg, Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.bodies import STAMP
from tests.support.snapshots import quote, snapshot

RATE = 5.5
TODAY = exchange_date(STAMP)
CALL: Leg = (24050.0, "CE")
PUT: Leg = (24050.0, "PE")


def chain(*new: Leg, interest: float | None = 500.0) -> Snapshot:
    """A chain in which the exchange sends 0 as the change of the new contracts."""
    zero = {"open_interest": interest, "change_in_oi": 0.0, "pchange_in_oi": 0.0, "change": -40.0}
    quotes = [
        quote(side, strike, **(zero if (strike, side) in new else {"change_in_oi": 200.0}))
        for strike, side in sorted(snapshot().legs)
    ]
    return replace(snapshot(), quotes=tuple(quotes))


def derived(whole: Snapshot, *listed_today: Leg, new: tuple[Leg, ...] = ()) -> AnalyticsDocument:
    listed = dict.fromkeys(listed_today, TODAY)
    facts = SnapshotFacts(listed_on=listed, new_legs=frozenset({*listed_today, *new}))
    return analytics_of(whole, RATE, facts)


def test_all_open_interest_of_a_contract_that_was_listed_today_is_its_change() -> None:
    found = derived(chain(PUT), PUT)
    assert found["pcr_change"] == (200 + 500) / (200 + 200)
    fastest = [(24050.0, 500.0), (24000.0, 200.0)]
    rows = [(row["strike_price"], row["change_in_oi"]) for row in found["fastest_oi"]["puts"]]
    assert rows == fastest
    assert found["newly_listed"] == 1


def test_without_the_listing_a_change_of_a_new_contract_is_not_known() -> None:
    found = derived(chain(CALL), new=(CALL,))
    assert found["pcr_change"] is None
    assert found["reasons"]["pcr_change"] == "newly_listed"
    assert [row["strike_price"] for row in found["fastest_oi"]["calls"]] == [24000.0]
    assert found["newly_listed"] == 1


def doubted(whole: Snapshot, *legs: Leg, new: tuple[Leg, ...] = ()) -> AnalyticsDocument:
    facts = SnapshotFacts(new_legs=frozenset(new), doubted_legs=frozenset(legs))
    return analytics_of(whole, RATE, facts)


def test_a_0_of_a_contract_that_may_be_new_is_no_number() -> None:
    found = doubted(chain(CALL), CALL)
    assert found["pcr_change"] is None
    assert found["reasons"]["pcr_change"] == "day_before_unknown"
    assert [row["strike_price"] for row in found["fastest_oi"]["calls"]] == [24000.0]
    assert sum(found["buildup"]["calls"].values()) == 1
    assert found["newly_listed"] is None, "how many are new is not known"


@pytest.mark.parametrize(
    ("interest", "volume", "is_known"),
    [
        (500.0, 500.0, False),
        (500.0, 499.0, True),  # more than a day's volume was not built in a day
        (500.0, 0.0, True),
        (0.0, 0.0, True),  # 0 whether it is new or not
        (0.0, 70.0, True),
        (None, 500.0, False),
        (500.0, None, False),
    ],
)
def test_a_0_of_a_doubted_contract_is_believed_where_its_numbers_show_that_it_is_true(
    interest: float | None, volume: float | None, is_known: bool
) -> None:
    whole = chain(CALL, interest=interest)
    quotes = (
        each._replace(total_traded_volume=volume) if each.leg == CALL else each
        for each in whole.quotes
    )
    found = doubted(replace(whole, quotes=tuple(quotes)), CALL)
    assert (found["pcr_change"] == (200 + 200) / 200) is is_known
    assert ("pcr_change" in found["reasons"]) is not is_known


def test_a_contract_that_is_new_is_named_before_one_that_may_be() -> None:
    found = doubted(chain(CALL, PUT), CALL, new=(PUT,))
    assert found["reasons"]["pcr_change"] == "newly_listed"


def test_a_doubt_changes_nothing_of_a_change_that_is_not_0() -> None:
    found, known = doubted(chain(), CALL), analytics_of(chain(), RATE)
    assert found == {**known, "newly_listed": None}


def test_open_interest_that_was_not_sent_is_no_change_either() -> None:
    found = derived(chain(CALL, interest=None), CALL)
    assert found["reasons"]["pcr_change"] == "newly_listed"


def test_a_number_that_the_exchange_left_out_of_another_contract_has_its_own_reason() -> None:
    whole = chain(PUT)
    lacks = [
        each._replace(change_in_oi=None) if each.leg == CALL else each for each in whole.quotes
    ]
    found = derived(replace(whole, quotes=tuple(lacks)), PUT)
    assert found["reasons"]["pcr_change"] == "missing_leg"
    found = doubted(replace(whole, quotes=tuple(lacks)), CALL)
    assert found["reasons"]["pcr_change"] == "missing_leg"


@pytest.mark.parametrize("listed", [(CALL, PUT), ()])
def test_a_new_contract_is_in_no_class_of_build_up(listed: tuple[Leg, ...]) -> None:
    """The exchange reckons its change of price from a price that nobody paid."""
    found = derived(chain(CALL, PUT), *listed, new=(CALL, PUT))
    assert [sum(found["buildup"][side].values()) for side in ("calls", "puts")] == [1, 1]


def test_a_contract_that_was_listed_yesterday_has_a_change() -> None:
    facts = SnapshotFacts(listed_on={PUT: date(2026, 6, 18)})
    assert analytics_of(chain(), RATE, facts) == analytics_of(chain(), RATE)


@pytest.mark.parametrize("seed", range(40))
def test_analytics_are_those_of_a_chain_that_tells_the_truth(seed: int) -> None:
    """Of whichever contracts are new, and whatever open interest they have."""
    random = Random(seed)
    strikes = [24000.0 + 50 * number for number in range(9)]
    legs = sorted(snapshot(strikes).legs)
    listed = set(random.sample(legs, random.randrange(9)))
    unknown = set(random.sample(legs, random.randrange(3))) - listed
    sent: list[Quote] = []
    true: list[Quote] = []
    for strike, side in legs:
        interest, change = float(random.randrange(900)), float(random.randrange(-90, 90))
        one = quote(side, strike, open_interest=interest, change_in_oi=change)
        if one.leg in listed | unknown:
            known = interest if one.leg in listed else None
            true.append(one._replace(change_in_oi=known, change=None))
            one = one._replace(change_in_oi=0.0, pchange_in_oi=0.0)
        else:
            true.append(one)
        sent.append(one)
    whole = snapshot(strikes)
    found = derived(replace(whole, quotes=tuple(sent)), *listed, new=tuple(unknown))
    told = analytics_of(replace(whole, quotes=tuple(true)), RATE)
    told["newly_listed"] = len(listed | unknown)
    if unknown:
        assert told["reasons"].pop("pcr_change") == "missing_leg"
        assert found["reasons"].pop("pcr_change") == "newly_listed"
    assert found == told
