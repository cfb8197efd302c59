"""Windows of change: numbers against an earlier moment, as the API has them, or null: why."""

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import TIMES, iso, ist, snapshots
from tests.browser.screens import WIDER
from tests.browser.server import Server
from tests.browser.test_replay import query_of

NIFTY = "/option-chain/NIFTY"
RECORDED = [iso(ist(time)) for time in TIMES]
LAST = RECORDED[-1]
CHANGES = ("open_interest_change", "total_traded_volume_change", "last_price_change")
SIDES = {"CE": "call", "PE": "put"}
Values = dict[tuple[float, str, str], Any]


@pytest.fixture
def dashboard(server: Server, new_page: OpenPage) -> Dashboard:
    """A page on which all changes have room, not yet opened."""
    return new_page(server, **WIDER.context)


def shown(dashboard: Dashboard, *columns: str) -> Values:
    """Return the values of these columns by strike, side and column."""
    cells = dashboard.contents().cells
    return {(c.strike, c.side, c.column): c.value for c in cells if c.column in columns}


def changes(server: Server, start: str, end: str) -> Values:
    """Return the changes that the API tells, of the contracts that the later chain has."""
    answer = server.get(f"{NIFTY}/changes", **{"from": start, "to": end})
    later = {leg["identifier"] for leg in legs(server, end)}
    return {
        (row["strike_price"], SIDES[row["type"]], name): row[name]
        for row in answer["records"]
        if row["identifier"] in later
        for name in CHANGES
    }


def legs(server: Server, at: str) -> list[dict[str, Any]]:
    chain = server.get(NIFTY, as_of=at, greeks="true")
    return [*chain["calls"], *chain["puts"]]


def known(values: Values) -> Values:
    """Leave out contracts that are not listed: the page has cells for them."""
    return {key: value for key, value in values.items() if value is not None}


def head_title(dashboard: Dashboard, column: str) -> str:
    head = dashboard.page.locator(f'#chain thead th[data-name="{column}"]').first
    return head.get_attribute("title") or ""


def assert_nothing_is_known(dashboard: Dashboard, reason: str) -> None:
    """Every change is a dash that says why, in chain and chart."""
    found = shown(dashboard, *CHANGES)
    assert found
    assert set(found.values()) == {None}
    # The others are of contracts that are not listed.
    told = f'#chain td[data-column="open_interest_change"][title="{reason}"]'
    texts = dashboard.page.locator(told).all_inner_texts()
    assert len(texts) > 150
    assert set(texts) == {"\N{EN DASH}"}
    assert reason in head_title(dashboard, "open_interest_change")
    expect(dashboard.page.locator("#oi-change-since")).to_have_text(reason)


def test_window_counts_from_so_many_minutes_ago(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?against=1m")
    found = shown(dashboard, *CHANGES)
    assert known(found) == known(changes(server, RECORDED[-2], LAST))
    assert len(known(found)) > 300
    assert "since 15:01:30 IST" in head_title(dashboard, "open_interest_change")
    expect(dashboard.page.locator("#oi-change-since")).to_have_text("since 15:01:30 IST")


def test_volatility_is_compared_with_one_of_its_kind(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?against=1m")
    found = shown(dashboard, "iv_change")
    before = {leg["identifier"]: leg for leg in legs(server, RECORDED[-2])}
    compared = 0
    for leg in legs(server, LAST):
        then = before[leg["identifier"]]
        sent = {each["iv_source"] in ("exchange", "vendor") for each in (then, leg)}
        is_known = None not in (then["iv"], leg["iv"]) and len(sent) == 1
        expected = pytest.approx(leg["iv"] - then["iv"], abs=1e-4) if is_known else None
        assert found[leg["strike_price"], SIDES[leg["type"]], "iv_change"] == expected
        compared += is_known
    assert compared > 0


def test_moment_at_which_nothing_was_recorded_has_no_number(dashboard: Dashboard) -> None:
    dashboard.open("?against=15m")
    assert dashboard.state == "live"
    why = "nothing was recorded at 14:47:30 IST"
    assert_nothing_is_known(dashboard, why)
    note, picker = dashboard.page.locator("#chain-note"), dashboard.page.locator("#against")
    expect(note).to_contain_text(f"no changes: {why}")
    expect(picker).to_have_attribute("title", f"no change is known: {why}")
    picker.select_option("open")
    dashboard.settle()
    expect(note).not_to_contain_text("no changes")
    expect(picker).to_have_attribute("title", "")


def test_window_before_the_opening_reaches_into_no_other_day(
    server: Server, dashboard: Dashboard
) -> None:
    before = ist("15:30:00").replace(day=18)
    server.recording.store("NIFTY", before, snapshots("NIFTY", before))
    dashboard.open(f"?against=60m&at={RECORDED[0]}", state="replay")
    assert_nothing_is_known(dashboard, "nothing was recorded at 08:15:00 IST")


def test_opening_is_the_first_snapshot_of_the_day(server: Server, dashboard: Dashboard) -> None:
    dashboard.open(f"?against=open&at={RECORDED[2]}", state="replay")
    found = shown(dashboard, *CHANGES)
    assert known(found) == known(changes(server, RECORDED[0], RECORDED[2]))
    assert "since 09:15:00 IST" in head_title(dashboard, "last_price_change")


def test_close_before_is_the_settled_chain_of_the_day_before(
    server: Server, dashboard: Dashboard
) -> None:
    evening = ist("19:45:00").replace(day=18)
    server.recording.store("NIFTY", evening, snapshots("NIFTY", evening), settled=True)
    dashboard.open("?against=close")
    found = shown(dashboard, *CHANGES)
    told = changes(server, "previous_close", LAST)
    assert known(found) == known(told)
    assert known(found)
    assert {found[place] for place in found if "volume" in place[2]} == {None}
    assert "since 18 Jun, 19:45:00 IST, settled" in head_title(dashboard, "iv_change")


def test_close_before_that_was_not_recorded_is_none(dashboard: Dashboard) -> None:
    dashboard.open("?against=close")
    reason = "the trading day before, or this expiry on it, was not recorded"
    assert_nothing_is_known(dashboard, reason)


def test_shown_moment_is_taken_to_compare_others_with_it(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open(f"?at={RECORDED[3]}", state="replay")
    dashboard.page.locator("#pin-moment").click()
    dashboard.settle()
    assert query_of(dashboard)["against"] == RECORDED[3]
    expect(dashboard.page.locator("#against option:checked")).to_have_text("13:00:00 IST")
    assert set(known(shown(dashboard, *CHANGES)).values()) == {0}
    dashboard.page.locator("#live").click()
    dashboard.settle()
    assert known(shown(dashboard, *CHANGES)) == known(changes(server, RECORDED[3], LAST))
    dashboard.page.locator("#time").fill("1")
    dashboard.rest_slider()
    assert_nothing_is_known(dashboard, "13:00:00 IST is after what is shown")


def test_window_is_chosen_beside_the_chain_and_back_undoes_it(dashboard: Dashboard) -> None:
    dashboard.open()
    usual = dashboard.contents().columns
    dashboard.page.locator("#against").select_option("1m")
    dashboard.settle()
    assert query_of(dashboard)["against"] == "1m"
    assert {"open_interest_change", "last_price_change"} <= dashboard.contents().columns
    positions = dashboard.page.locator("#positions")
    expect(positions).to_contain_text("Fastest OI 1m 1")
    expect(positions).to_contain_text("Long build-up, on the day")
    dashboard.page.go_back()
    dashboard.settle()
    expect(positions).not_to_contain_text("on the day")
    expect(dashboard.page.locator("#against")).to_have_value("")
    assert dashboard.contents().columns == usual
    expect(dashboard.page.locator("#oi-change-since")).to_have_text("since prev. close")


def test_columns_of_a_window_are_a_choice_of_their_own(dashboard: Dashboard) -> None:
    dashboard.open("?against=1m")
    page = dashboard.page
    page.locator("#columns").click()
    page.locator("input[name=column][value=iv_change]").uncheck()
    chosen = dashboard.contents().columns
    assert "iv_change" not in chosen
    page.locator("#against").select_option("")
    dashboard.settle()
    assert not [name for name in dashboard.contents().columns if name.endswith("_change")]
    page.locator("#columns").click()
    expect(page.locator("input[name=column][value=iv_change]")).to_be_hidden()
    page.locator("#against").select_option("open")
    dashboard.settle()
    assert dashboard.contents().columns == chosen


def test_earlier_chain_is_asked_for_once(dashboard: Dashboard) -> None:
    dashboard.open("?against=1m")
    dashboard.advance(10)
    asked = [url for url in dashboard.log.requests if "/NIFTY?" in url and "columns=" in url]
    assert len(asked) == 1


def test_earlier_chain_is_asked_for_again_with_the_other_volatilities(
    dashboard: Dashboard,
) -> None:
    dashboard.open("?against=1m")
    before = known(shown(dashboard, "iv_change"))
    dashboard.page.locator("#volatility").select_option("exchange")
    dashboard.settle()
    after = known(shown(dashboard, "iv_change"))
    assert after
    assert after != before


def test_chain_is_shown_without_changes_where_the_earlier_one_does_not_come(
    new_page: OpenPage, server: Server
) -> None:
    dashboard = new_page(server)
    refuse = {"status": 404, "content_type": "application/problem+json", "body": "{}"}
    dashboard.page.route("**/option-chain/NIFTY?*columns=*", lambda route: route.fulfill(**refuse))
    dashboard.open("?against=1m")
    assert dashboard.state == "live"
    assert_nothing_is_known(dashboard, "nothing was recorded at 15:01:30 IST")


def test_old_changes_do_not_stay_while_others_are_asked_for(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open("?against=1m")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    dashboard.page.route("**/option-chain/NIFTY?*columns=*", hold)
    dashboard.page.locator("#against").select_option("open")
    assert_nothing_is_known(dashboard, "the chain of 09:15:00 IST has not come yet")
    while not held:
        dashboard.page.wait_for_timeout(10)
    held[0].continue_()
    dashboard.settle()
    assert known(shown(dashboard, *CHANGES)) == known(changes(server, RECORDED[0], LAST))


@pytest.mark.parametrize("against", ["2s", "yesterday", "%3Cb%3E"])
def test_moment_without_a_meaning_is_none(dashboard: Dashboard, against: str) -> None:
    dashboard.open(f"?against={against}")
    expect(dashboard.page.locator("#against")).to_have_value("")
    expect(dashboard.page.locator("#oi-change-since")).to_have_text("since prev. close")
