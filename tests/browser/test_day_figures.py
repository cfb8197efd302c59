"""Tiles of the day, the total row, ratios by strike and the largest numbers: all are the API's."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from optionchain.exchange_time import IST, expiry_text
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser.dashboard import Dashboard
from tests.browser.plots import plotted, watch_plots
from tests.browser.recording import TIMES, iso, ist, snapshots
from tests.browser.server import Server
from tests.browser.test_contracts import record_densely
from tests.browser.test_panels import panel

NIFTY = "/option-chain/NIFTY"
RECORDED = [iso(ist(time)) for time in TIMES]
SUMMED = ("open_interest", "oi_since_previous_close", "total_traded_volume")
SIDES = {"call": "calls", "put": "puts"}


def chain(server: Server, **query: str) -> dict[str, Any]:
    return server.get(NIFTY, greeks="true", **query)


def value_of(dashboard: Dashboard, selector: str) -> float | None:
    text = dashboard.page.locator(selector).get_attribute("data-value")
    return float(text) if text else None


def test_no_line_of_the_day_leads_over_a_gap_of_the_record(
    server: Server, dashboard: Dashboard
) -> None:
    """At three missing ticks it ends, in the charts of the page and of panels alike."""
    record_densely(server, "14:50:00", "14:51:00")
    record_densely(server, "14:53:30", "14:54:30")
    watch_plots(dashboard.page)
    dashboard.open("?panels=levels")
    dashboard.settle()
    places = [dashboard.page.locator(f"#chart-{name}") for name in ("pcr", "underlying")]
    places.append(panel(dashboard, "levels").locator(".plot"))
    for place in places:
        place.scroll_into_view_if_needed()
        known = {
            f"{time.astimezone(IST):%H:%M:%S}": any(value is not None for value in values)
            for time, values in plotted(place)
        }
        assert {time: each for time, each in known.items() if "14:50" <= time < "15"} == {
            "14:50:00": True, "14:50:30": True, "14:51:00": True, "14:51:30": False,
            "14:53:30": True, "14:54:00": True, "14:54:30": True, "14:55:00": False,
        }  # fmt: skip


def test_total_row_has_the_sums_of_the_api_s_numbers(server: Server, live_page: Dashboard) -> None:
    answer = chain(server)
    for side, name in SIDES.items():
        for field in SUMMED:
            known = [leg[field] for leg in answer[name] if leg[field] is not None]
            cell = f'#chain tfoot td[data-side="{side}"][data-total="{field}"]'
            assert value_of(live_page, cell) == pytest.approx(sum(known))
    ratio = value_of(live_page, '#chain tfoot [data-total="pcr"]')
    assert ratio == pytest.approx(server.get(f"{NIFTY}/analytics")["pcr_oi"])
    expect(live_page.page.locator("#chain tfoot")).to_be_in_viewport()


def test_each_strike_has_its_ratio_or_says_why_not(server: Server, live_page: Dashboard) -> None:
    answer = chain(server)
    calls, puts = ({leg["strike_price"]: leg for leg in answer[name]} for name in SIDES.values())
    missing = 0
    for strike in sorted(calls | puts):
        call, put = (legs.get(strike, {}).get("open_interest") for legs in (calls, puts))
        row = f'#chain tr[data-strike="{strike:g}"] td.ratio'
        found = value_of(live_page, row)
        if put is None or not call:
            missing += 1
            assert found is None
            assert live_page.page.locator(row).get_attribute("title")
        else:
            assert found == pytest.approx(put / call)
    assert missing


def test_three_largest_of_each_side_are_marked(server: Server, live_page: Dashboard) -> None:
    analytics = server.get(f"{NIFTY}/analytics")
    ranked = {"open_interest": "largest_oi", "oi_since_previous_close": "fastest_oi"}
    for column, name in ranked.items():
        for side, of_side in SIDES.items():
            strikes = [row["strike_price"] for row in analytics[name][of_side]]
            for rank, strike in enumerate(strikes, start=1):
                cell = live_page.page.locator(
                    f'#chain tr[data-strike="{strike:g}"] td[data-side="{side}"]'
                    f'[data-column="{column}"]'
                )
                expect(cell).to_have_attribute("data-rank", str(rank))
                assert "largest" in (cell.get_attribute("title") or "")
            marked = f'#chain td[data-side="{side}"][data-column="{column}"][data-rank]'
            expect(live_page.page.locator(marked)).to_have_count(len(strikes))


def test_tiles_tell_the_open_interest_and_the_days_that_are_left(
    server: Server, live_page: Dashboard
) -> None:
    answer, tiles = chain(server), live_page.contents().tiles
    for side, name in SIDES.items():
        assert tiles[f"{side}_open_interest"] == sum(leg["open_interest"] for leg in answer[name])
        expect(live_page.tile(f"{side}_open_interest").locator(".note")).to_contain_text(
            "on the day"
        )
    model = server.get(f"{NIFTY}/analytics")["model"]
    assert tiles["days_to_expiry"] == model["days_to_expiry"]


def test_day_s_change_without_a_day_before_says_why(live_page: Dashboard) -> None:
    tile = live_page.tile("underlying_change")
    expect(tile.locator(".value")).to_have_text("\N{EN DASH}")
    expect(tile).to_have_attribute(
        "title", "the trading day before, or this expiry on it, was not recorded"
    )


@pytest.mark.parametrize("query", ["", "?against=close"])
def test_close_before_the_first_recorded_day_is_not_asked_for(
    server: Server, dashboard: Dashboard, query: str
) -> None:
    dashboard.open(query)
    dashboard.advance(10)
    asked = server.proxy.requests_to(f"{NIFTY}/")
    assert f"{NIFTY}/days" in {each.path for each in asked}
    assert f"{NIFTY}/changes" not in {each.path for each in asked}
    assert [each for each in server.proxy.requests if each.status >= 400] == []


def test_close_before_an_expiry_was_listed_is_not_asked_for(
    server: Server, dashboard: Dashboard
) -> None:
    evening = ist("19:45:00").replace(day=18)
    server.recording.store("NIFTY", evening, snapshots("NIFTY", evening)[:1], settled=True)
    noon = ist("15:02:35")
    listed = snapshots("NIFTY", noon)[1]
    quotes = [each._replace(change_in_oi=0.0, pchange_in_oi=0.0) for each in listed.quotes]
    facts = SnapshotFacts(new_legs=frozenset(each.leg for each in quotes))
    server.recording.store("NIFTY", noon, [replace(listed, quotes=tuple(quotes))], facts=facts)
    dashboard.open(f"?expiry={expiry_text(listed.expiry)}")
    asked = server.proxy.requests_to(f"{NIFTY}/changes")
    assert asked == []
    title = dashboard.tile("underlying_change").get_attribute("title") or ""
    assert title.endswith("this expiry on it, was not recorded")


@pytest.mark.parametrize("at", [None, RECORDED[2]])
def test_day_s_change_is_that_of_the_api(
    server: Server, dashboard: Dashboard, at: str | None
) -> None:
    evening = ist("19:45:00").replace(day=18)
    server.recording.store("NIFTY", evening, snapshots("NIFTY", evening), settled=True)
    dashboard.open(f"?at={at}" if at else "", state="replay" if at else "live")
    told = server.get(f"{NIFTY}/changes", **{"from": "previous_close", "to": at or RECORDED[-1]})
    assert dashboard.contents().tiles["underlying_change"] == told["underlying_change"]
    note = dashboard.tile("underlying_change").locator(".note").inner_text()
    assert f"from {told['from']['underlying_value']:,.2f}" in note
    assert f"{abs(told['underlying_change_percent']):.2f} %" in note


def test_ratio_of_the_day_is_a_line_up_to_the_moment_that_is_shown(dashboard: Dashboard) -> None:
    dashboard.open(f"?at={RECORDED[2]}", state="replay")
    line = dashboard.tile("pcr_oi").locator("svg")
    label = line.get_attribute("aria-label") or ""
    assert label.startswith("from ")
    assert "09:15:00" in label
    assert label.endswith("11:30:00 IST")
    assert len((line.locator("polyline").get_attribute("points") or "").split()) == 3


def test_ratio_of_a_strike_is_reached_by_keyboard(dashboard: Dashboard) -> None:
    dashboard.open()
    page = dashboard.page
    page.locator("#chain-scroller").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#cell-note")).to_have_text("24,350, PCR: 0.96")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#cell-note")).to_contain_text("24,350 put, ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#cell-note")).to_contain_text("24,350 call, ")
