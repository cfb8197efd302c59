"""Which terms hold on a day: lists that agree give them, and nothing else does."""

from datetime import UTC, date, datetime, timedelta

import pytest

from optionchain.contract_lists import ContractList, judged, terms_on
from optionchain.contract_terms import UNKNOWN_TERMS, ContractTerms

EXPIRY, OTHER = date(2026, 2, 24), date(2026, 3, 31)
MON, TUE, WED, THU, FRI = (date(2026, 2, day) for day in range(2, 7))


def listed(source: str, day: date, lot: int | None, expiry: date = EXPIRY) -> ContractList:
    """Return a list of one expiry, whose lot is not stated where it is None."""
    read_at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return ContractList("NIFTY", source, day, read_at, {expiry: ContractTerms(lot)})


def of_vendor(day: date, lot: int | None) -> ContractList:
    return listed("upstox", day, lot)


def of_exchange(day: date, lot: int | None) -> ContractList:
    return listed("bhavcopy", day, lot)


@pytest.mark.parametrize(("lists", "lot", "reason"), [
    # Nothing is known.
    ([], None, "not_read"),
    ([listed("bhavcopy", THU, 65, OTHER)], None, "not_listed"),
    ([of_exchange(THU, None)], None, "not_read"),
    ([ContractList("NIFTY", "upstox", FRI, datetime.now(UTC), {})], None, "not_listed"),
    # What is known agrees.
    ([of_exchange(THU, 65)], 65, None),
    ([of_vendor(FRI, 65)], 65, None),
    ([of_exchange(THU, 65), of_vendor(FRI, 65)], 65, None),
    ([of_exchange(THU, 65), listed("upstox", FRI, 75, OTHER)], 65, None),
    # Two lists of one day differ.
    ([of_exchange(FRI, 65), of_vendor(FRI, 75)], None, "sources_differ"),
    ([of_exchange(THU, 65), of_vendor(THU, 75)], None, "sources_differ"),
    ([of_vendor(FRI, 65), of_vendor(FRI, 75)], None, "sources_differ"),
    # On the morning of a change, the list of today and that of yesterday's evening rightly differ.
    ([of_exchange(THU, 65), of_vendor(THU, 65), of_vendor(FRI, 75)], 75, None),
    ([of_exchange(THU, 65), of_vendor(WED, 65), of_vendor(FRI, 75)], 75, None),
    ([of_exchange(WED, 65), of_exchange(THU, 65), of_vendor(THU, 65), of_vendor(FRI, 75)],
     75, None),
    ([of_exchange(THU, 65), listed("dhan", THU, 65), listed("dhan", FRI, 75), of_vendor(FRI, 75)],
     75, None),
    # Without a list of the vendor from before the change, either of the two may be wrong.
    ([of_exchange(THU, 65), of_vendor(FRI, 75)], None, "sources_differ"),
    ([of_exchange(WED, 65), of_vendor(THU, 65), of_exchange(THU, 75)], None, "sources_differ"),
    # Who differed yesterday has not changed its mind, and stays in doubt.
    ([of_exchange(THU, 65), of_vendor(THU, 75), of_vendor(FRI, 75)], None, "sources_differ"),
    ([of_vendor(WED, 65), of_vendor(THU, 75), of_exchange(THU, 65), of_vendor(FRI, 75)],
     None, "sources_differ"),
    # The evening after the change proves it, or proves the vendor wrong.
    ([of_vendor(THU, 65), of_vendor(FRI, 75), of_exchange(FRI, 75)], 75, None),
    ([of_vendor(THU, 65), of_vendor(FRI, 75), of_exchange(FRI, 65)], None, "sources_differ"),
    # A source that went silent does not hinder a change that another one saw.
    ([of_exchange(MON, 65), of_vendor(MON, 65), of_vendor(FRI, 75)], 75, None),
    # A list of over a week before has missed sessions.
    ([of_exchange(FRI - timedelta(days=8), 65)], None, "not_read"),
    ([of_exchange(FRI - timedelta(days=7), 65)], 65, None),
    # What came later says nothing of this day.
    ([of_exchange(FRI + timedelta(days=3), 75)], None, "not_read"),
    ([of_exchange(THU, 65), of_exchange(FRI + timedelta(days=3), 75)], 65, None),
])  # fmt: skip
def test_lists_that_agree_give_a_lot_and_others_a_reason(
    lists: list[ContractList], lot: int | None, reason: str | None
) -> None:
    for order in (lists, lists[::-1]):
        terms = terms_on(order, EXPIRY, FRI)
        assert (terms.lot_size, terms.reasons.get("lot_size")) == (lot, reason)


def test_each_term_is_judged_by_itself() -> None:
    vendor, exchange = ContractTerms(65, 0.05, 1800), ContractTerms(65, None, 1755)
    lists = [
        of_vendor(FRI, None)._replace(terms={EXPIRY: vendor}),
        of_exchange(FRI, None)._replace(terms={EXPIRY: exchange}),
    ]
    assert terms_on(lists, EXPIRY, FRI) == ContractTerms(
        65, 0.05, None, {"freeze_quantity": "sources_differ"}
    )


def test_a_difference_names_each_source_with_its_day() -> None:
    lists = [of_vendor(FRI, 75), of_exchange(THU, 65)]
    found = judged(lists, EXPIRY, FRI, "lot_size")
    assert found.detail == "bhavcopy of 2026-02-05: 65; upstox of 2026-02-06: 75"
    assert found.day == FRI


def test_a_list_that_contradicts_itself_gives_no_lot() -> None:
    itself = ContractTerms(reasons={"lot_size": "sources_differ"})
    lists = [of_vendor(FRI, 65), of_exchange(THU, None)._replace(terms={EXPIRY: itself})]
    found = judged(lists, EXPIRY, FRI, "lot_size")
    assert (found.value, found.reason) == (None, "sources_differ")
    assert found.detail.startswith("bhavcopy of 2026-02-05: several")


def test_nothing_read_is_what_is_known_without_a_register() -> None:
    assert terms_on([], EXPIRY, FRI) == UNKNOWN_TERMS
