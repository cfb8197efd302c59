"""A body whose lists, totals or copy contradict its rows is refused as a whole."""

from collections.abc import Callable

import pytest

from chain_fetch.nse.body_parser import parse
from optionchain.errors import PayloadInvalid
from tests.support.bodies import Json, absent_leg, body, chain_body, encoded, leg, row
from tests.support.snapshots import TICK

STRIKES = range(22_000, 26_500, 50)


def refusal(given: Json) -> PayloadInvalid:
    with pytest.raises(PayloadInvalid) as caught:
        parse(encoded(given), "NIFTY", TICK)
    assert caught.value.reason == "invalid_payload"
    return caught.value


def changed(change: Callable[[Json, Json], object]) -> Json:
    """A body of 90 strikes whose `records` or `filtered` is changed."""
    given = chain_body(STRIKES)
    change(given["records"], given["filtered"])
    return given


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda records, _: records.update(data=records["data"][:1]), "filtered.data"),
        (lambda records, _: records.update(data=records["data"][:-1]), "filtered.data"),
        (lambda records, _: records.update(data=[]), "filtered.data"),
        (lambda _, filtered: filtered.update(data=[]), "filtered.data"),
        (lambda _, filtered: filtered.update(data=filtered["data"][::-1]), "filtered.data"),
        (lambda _, filtered: filtered["CE"].update(totOI=0), "filtered.CE.totOI"),
        (lambda _, filtered: filtered["CE"].update(totOI=1200 * 90 + 2), "filtered.CE.totOI"),
        (lambda _, filtered: filtered["PE"].update(totVol=5600 * 89), "filtered.PE.totVol"),
        (lambda _, filtered: filtered["PE"].update(totVol=-1), "filtered.PE.totVol"),
        (lambda records, _: records["data"][3].pop("CE"), "filtered.CE.totOI"),
        (lambda records, _: records["strikePrices"].remove("22000"), "records.strikePrices"),
        (lambda records, _: records.update(strikePrices=[9000.5]), "records.strikePrices"),
    ],
)
def test_a_contradiction_is_named_by_its_place(
    change: Callable[[Json, Json], object], where: str
) -> None:
    assert refusal(changed(change)).where == where


def test_one_row_under_the_totals_of_ninety_is_refused() -> None:
    def keep_one_row(records: Json, filtered: Json) -> None:
        records["data"] = records["data"][:1]
        del filtered["data"]

    error = refusal(changed(keep_one_row))
    assert str(error) == "filtered.CE.totOI: 108000.0 is not the sum of the rows, 1200.0"


UNREADABLE: tuple[object, ...] = (
    None,
    "",
    "text",
    5,
    True,
    {},
    [],
    [None],
    ["soon"],
    [{}],
    {"totOI": "many"},
)


@pytest.mark.parametrize("value", UNREADABLE)
@pytest.mark.parametrize("key", ["strikePrices", "expiryDates", "filtered", "CE"])
def test_a_statement_that_cannot_be_read_says_nothing_against_the_rows(
    key: str, value: object
) -> None:
    given = chain_body()
    part = {"filtered": given, "CE": given["filtered"]}.get(key) or given["records"]
    part[key] = value
    assert len(parse(encoded(given), "NIFTY", TICK).quotes) == 6


@pytest.mark.parametrize("rows", [None, "text", 5, [None], [{}], [{"strike": 24_000}]])
def test_a_copy_that_cannot_be_read_says_nothing_against_the_rows(rows: object) -> None:
    given = chain_body()
    given["filtered"]["data"] = rows
    assert len(parse(encoded(given), "NIFTY", TICK).quotes) == 6


@pytest.mark.parametrize(
    "change",
    [
        lambda records, _: records.pop("strikePrices"),
        lambda records, _: records.pop("expiryDates"),
        lambda _, filtered: filtered.pop("data"),
        lambda _, filtered: filtered["CE"].pop("totOI"),
        lambda _, filtered: filtered.clear(),
        # Strikes and expiries of the whole symbol are listed.
        lambda records, _: records["strikePrices"].append("9000"),
        lambda records, _: records["expiryDates"].insert(0, "16-Jun-2026"),
        # The list of expiries lacked one that was traded before.
        lambda records, _: records.update(expiryDates=["30-Jun-2026"]),
        lambda records, _: records.update(strikePrices=[*STRIKES]),
        # A total may be rounded.
        lambda _, filtered: filtered["CE"].update(totOI=1200 * 90 + 0.75),
    ],
)
def test_what_is_missing_or_said_of_more_is_no_contradiction(
    change: Callable[[Json, Json], object],
) -> None:
    assert len(parse(encoded(changed(change)), "NIFTY", TICK).quotes) == 180


def test_unknown_numbers_and_absent_sides_count_as_zero_in_totals() -> None:
    legs = leg("CE", 24_000, open_interest=None), leg("CE", 24_050)
    rows = [row(24_000, legs[0], PE=absent_leg()), row(24_050, legs[1])]
    given = body(rows)
    assert given["filtered"]["CE"]["totOI"] == 1200
    assert len(parse(encoded(given), "NIFTY", TICK).quotes) == 2
