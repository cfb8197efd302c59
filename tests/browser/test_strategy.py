"""The panel of a strategy: built by clicks and templates, edited, shared, and true to the API."""

from typing import Any

import pytest
from opengreeks import black76
from playwright.sync_api import Locator, expect

from optionchain.contract_terms import ContractTerms
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser import expected
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import SYMBOLS, TIMES, iso, ist
from tests.browser.screens import SCREENS, Screen
from tests.browser.server import Server
from tests.browser.test_accessibility import violations
from tests.browser.test_panels import panel
from tests.browser.test_replay import query_of

NEAR, FAR = "23-Jun-2026", "30-Jun-2026"
CONDOR = {(24_100, "put"): 1, (24_200, "put"): -1, (24_600, "call"): -1, (24_700, "call"): 1}
LOT = 65

type Json = dict[str, Any]


def link(legs: dict[tuple[int, str], int], expiry: str = NEAR, **query: str) -> str:
    """Return the query of a link that opens the panel with these legs."""
    parts = [
        f"{lots:+d}x{strike}{'CE' if side == 'call' else 'PE'}:{expiry}"
        for (strike, side), lots in legs.items()
    ]
    named = "".join(f"&{name}={value}" for name, value in query.items())
    return f"?panels=strategy&legs={','.join(parts).replace('+', '%2B')}{named}"


def figure(dashboard: Dashboard, name: str) -> float | str | None:
    """Return the exact value of a figure."""
    box = dashboard.page.locator(f'[data-figure="{name}"]')
    raw = box.get_attribute("data-value") or ""
    try:
        return float(raw) if raw else None
    except ValueError:
        return raw


def quote(dashboard: Dashboard, strike: int, side: str, column: str) -> Locator:
    cell = f'tr[data-strike="{strike}"] td[data-side="{side}"][data-column="{column}"]'
    return dashboard.page.locator(f"#chain {cell}")


def entry_of(leg: Json, lots: int) -> float:
    price: float = leg["ask_price"] if lots > 0 else leg["bid_price"]
    return price


def test_clicks_on_quotes_build_a_strategy_and_back_undoes_them(dashboard: Dashboard) -> None:
    dashboard.open("?panels=strategy")
    dashboard.show_all_columns()
    quote(dashboard, 24_350, "call", "ask_price").click()
    quote(dashboard, 24_350, "call", "ask_price").click()
    quote(dashboard, 24_400, "put", "bid_price").click()
    quote(dashboard, 24_400, "put", "open_interest").click()
    assert query_of(dashboard)["legs"] == f"+2x24350CE:{NEAR},-1x24400PE:{NEAR}"
    rows = panel(dashboard, "strategy").locator(".strategy-legs tbody tr")
    expect(rows).to_have_count(2)
    # The last click opened the day of a contract.
    dashboard.page.go_back()
    dashboard.page.go_back()
    expect(rows).to_have_count(1)
    assert query_of(dashboard)["legs"] == f"+2x24350CE:{NEAR}"


def test_click_on_a_quote_does_nothing_while_the_panel_is_closed(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.show_all_columns()
    before = query_of(dashboard)
    quote(dashboard, 24_350, "call", "ask_price").click()
    dashboard.settle()
    assert query_of(dashboard) == before
    expect(dashboard.page.locator("section.panel")).to_have_count(0)


@pytest.mark.parametrize("at", [None, iso(ist(TIMES[2]))])
def test_numbers_are_those_of_the_api(server: Server, dashboard: Dashboard, at: str | None) -> None:
    query = {"at": at} if at else {}
    dashboard.open(link(CONDOR, **query), state="replay" if at else "live")
    answer = expected.chain(server, **({"as_of": at} if at else {}))
    legs = {key: expected.legs(answer)[key] for key in CONDOR}
    premium = sum(lots * entry_of(legs[key], lots) for key, lots in CONDOR.items())
    assert figure(dashboard, "premium") == pytest.approx(premium)
    for name in ("delta", "gamma", "theta", "vega"):
        net = sum(lots * legs[key][name] for key, lots in CONDOR.items())
        assert figure(dashboard, name) == pytest.approx(net, abs=1e-6)
    assert figure(dashboard, "gain") == pytest.approx(-premium)
    assert figure(dashboard, "loss") == pytest.approx(-100 - premium)
    break_evens = [float(each) for each in str(figure(dashboard, "break-evens")).split(",")]
    assert break_evens == pytest.approx([24_200 + premium, 24_600 - premium])
    assert profits(dashboard) == pytest.approx(profits_of(answer, legs, dashboard), abs=1e-6)


def profits(dashboard: Dashboard) -> list[float]:
    """Return the exact numbers of the table, row by row, the price first."""
    found: list[str] = dashboard.page.locator(".strategy-profits tbody :is(th, td)").evaluate_all(
        "cells => cells.map(cell => cell.dataset.value)"
    )
    return [float(each) for each in found]


def profits_of(answer: Json, legs: dict[Any, Json], dashboard: Dashboard) -> list[float]:
    """Return the same by the library of the API, at the prices that the table has."""
    model = answer["model"]
    rate, days = model["rate"] / 100, model["days_to_expiry"]

    def profit(price: float, left: float) -> float:
        total = 0.0
        for (strike, side), lots in CONDOR.items():
            leg, sign = legs[strike, side], 1 if side == "call" else -1
            value = (
                black76.black(side[0], price, strike, left / 365, rate, leg["iv"] / 100)
                if left
                else max(0.0, sign * (price - strike))
            )
            total += lots * (value - entry_of(leg, lots))
        return total

    return [
        number
        for price in profits(dashboard)[::4]
        for number in (price, *(profit(price, left) for left in (days, days / 2, 0)))
    ]


def test_rupees_are_shown_once_the_lot_is_known(empty_server: Server, new_page: OpenPage) -> None:
    for symbol in SYMBOLS:
        found = empty_server.recording.tick(symbol, ist("15:01:30"))
        facts = SnapshotFacts(terms=ContractTerms(lot_size=LOT))
        empty_server.recording.store(symbol, ist("15:02:30"), found, facts=facts)
    dashboard = new_page(empty_server)
    dashboard.open(link(CONDOR))
    unit = dashboard.page.get_by_label("Unit of the strategy")
    expect(unit).to_have_value("rupees")
    rupees = figure(dashboard, "premium")
    unit.select_option("points")
    assert rupees == pytest.approx(LOT * float(figure(dashboard, "premium") or 0))
    expect(dashboard.page.locator(".strategy-profits caption")).to_contain_text("points a unit")


def test_without_a_lot_size_there_are_points_and_the_reason(dashboard: Dashboard) -> None:
    dashboard.open(link(CONDOR))
    unit = dashboard.page.get_by_label("Unit of the strategy")
    expect(unit).to_have_value("points")
    assert "the lot size is not known" in (unit.get_attribute("title") or "")


def test_calendar_takes_the_chain_of_the_later_expiry(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=strategy")
    strategy = panel(dashboard, "strategy")
    strategy.get_by_role("combobox", name="Structure").select_option("Calendar spread")
    strategy.get_by_role("button", name="Use this structure").click()
    expect(strategy.locator(".strategy-legs tbody tr")).to_have_count(2)
    dashboard.settle()
    sold, bought = query_of(dashboard)["legs"].split(",")
    strike = float(sold.removeprefix("-1x").split("CE")[0])
    assert (sold, bought) == (f"-1x{strike:g}CE:{NEAR}", f"+1x{strike:g}CE:{FAR}")
    near, far = (
        expected.legs(expected.chain(server, expiry=expiry))[strike, "call"]
        for expiry in (NEAR, FAR)
    )
    assert figure(dashboard, "premium") == pytest.approx(far["ask_price"] - near["bid_price"])
    assert figure(dashboard, "vega") == pytest.approx(far["vega"] - near["vega"], abs=1e-6)
    expect(strategy.locator(".strategy-times")).to_contain_text(f"{FAR} of 15:02:30 IST")
    expect(strategy.locator(".strategy-times")).to_contain_text("later expiry")


def test_a_chain_that_comes_late_is_shown_with_those_of_its_moment(
    server: Server, dashboard: Dashboard
) -> None:
    """The page has gone on in the meantime; the next chain of that expiry is not there yet."""
    dashboard.open(link({(24_350, "call"): 1}, FAR))
    times = panel(dashboard, "strategy").locator(".strategy-times")
    expect(times).to_contain_text(f"{FAR} of 15:02:30 IST")
    held = dashboard.hold(f"**/NIFTY?expiry={FAR}&*")
    for _ in range(2):
        news = server.bring_news("NIFTY")
        dashboard.page.clock.run_for(5_000)
        dashboard.wait_for_snapshot(iso(news))
        expect(times).to_contain_text(f"{FAR} of 15:02:30 IST")
    (late,) = held
    late.continue_()
    dashboard.settle()
    expect(times).to_contain_text(f"{FAR} of 15:03:05 IST")


def test_legs_are_edited_and_the_link_follows(dashboard: Dashboard) -> None:
    dashboard.open(link({(24_350, "call"): 1, (24_400, "put"): -1}))
    strategy = panel(dashboard, "strategy")

    def legs() -> list[str]:
        dashboard.settle()
        return query_of(dashboard)["legs"].split(",")

    strategy.get_by_label("Lots of leg 1").fill("3")
    strategy.get_by_label("Lots of leg 1").press("Enter")
    assert legs()[0] == f"+3x24350CE:{NEAR}"
    strategy.get_by_label("Higher strike for leg 1").click()
    assert legs()[0] == f"+3x24400CE:{NEAR}"
    strategy.get_by_label("Side of leg 1").select_option("Sell")
    strategy.get_by_label("Own price of leg 1").fill("99.5")
    strategy.get_by_label("Own price of leg 1").press("Tab")
    assert legs()[0] == f"-3x24400CE:{NEAR}@99.5"
    strategy.get_by_label("Expiry of leg 2").select_option(FAR)
    assert legs()[1] == f"-1x24400PE:{FAR}"
    strategy.get_by_label("Lots of leg 1").fill("0")
    strategy.get_by_label("Lots of leg 1").press("Tab")
    expect(strategy.get_by_label("Lots of leg 1")).to_have_value("3")
    strategy.get_by_role("button", name="Keep prices").click()
    assert "@" in legs()[1]
    strategy.get_by_role("button", name="Remove leg 1").press("Enter")
    expect(strategy.get_by_role("button", name="Remove leg 1")).to_be_focused()
    strategy.get_by_role("button", name="Remove leg 1").press("Enter")
    expect(strategy.get_by_role("button", name="Add leg")).to_be_focused()
    assert "legs" not in query_of(dashboard)


def test_what_is_not_known_is_said_and_not_made_up(dashboard: Dashboard) -> None:
    dashboard.open("?panels=strategy&legs=%2B1x24350CE,nonsense,-1x24333CE")
    strategy = panel(dashboard, "strategy")
    expect(strategy.locator(".strategy-remark")).to_have_text(
        "Not understood and left out: nonsense."
    )
    expect(strategy.get_by_text("24,333 CE 23-Jun-2026: not listed.").first).to_be_visible()
    assert [figure(dashboard, name) for name in ("premium", "gain", "delta")] == [None] * 3
    expect(strategy.locator(".strategy-payoff")).to_be_hidden()


def test_sliders_suppose_another_day_and_other_volatilities(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open(link({(24_350, "call"): 1}))
    answer = expected.chain(server)
    leg, model = expected.legs(answer)[24_350, "call"], answer["model"]
    strategy = panel(dashboard, "strategy")
    strategy.get_by_label("Days ahead").fill("50")
    strategy.get_by_label("Volatility").fill("2.5")
    terms = (model["forward"], 24_350, model["days_to_expiry"] / 2 / 365, model["rate"] / 100)
    value = black76.black("c", *terms, (leg["iv"] + 2.5) / 100)
    assert figure(dashboard, "profit") == pytest.approx(value - leg["ask_price"], abs=1e-6)
    strategy.get_by_role("button", name="Reset").click()
    middle = (leg["bid_price"] + leg["ask_price"]) / 2
    assert figure(dashboard, "profit") == pytest.approx(middle - leg["ask_price"], abs=1e-4)


def test_day_is_what_the_legs_were_worth(server: Server, dashboard: Dashboard) -> None:
    legs = {(24_350, "call"): 1, (24_350, "put"): 2}
    dashboard.open(link(legs))
    last = expected.legs(expected.chain(server))
    first = expected.legs(expected.chain(server, as_of=iso(ist(TIMES[0]))))
    text = panel(dashboard, "strategy").locator("figure").last.locator(".unseen").inner_text()
    for found, moment in ((first, "09:15:00"), (last, "15:02:30")):
        worth = sum(lots * found[key]["last_price"] for key, lots in legs.items())
        assert f"{worth:,.2f} at {moment}" in text


def test_panel_follows_each_snapshot_and_another_symbol(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open(link(CONDOR))
    before = figure(dashboard, "theta")
    server.bring_news("NIFTY")
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_snapshot(iso(server.clock.now))
    dashboard.settle()
    assert figure(dashboard, "theta") != before
    dashboard.choose_symbol("BANKNIFTY")
    assert "legs" not in query_of(dashboard)
    expect(panel(dashboard, "strategy").locator(".strategy-legs")).to_be_hidden()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious_in_a_strategy(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open(link(CONDOR))
    expect(panel(dashboard, "strategy")).to_be_visible()
    assert violations(dashboard, "section.panel") == []
    page = dashboard.page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# The dashed lines and the texts of the markers, in the order in which they are drawn.
WATCH_MARKERS = """
window.drawn = [];
const {stroke, fillText} = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.stroke = function (...path) {
  if (this.getLineDash().join() === '4,3' && !path.length) drawn.push('line');
  return stroke.apply(this, path);
};
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  if (/^(Spot|Forward) /.test(text)) drawn.push(text.split(' ')[0]);
  return fillText.call(this, text, ...place);
};
"""


def test_no_line_of_a_marker_goes_through_the_label_of_another(dashboard: Dashboard) -> None:
    dashboard.page.add_init_script(WATCH_MARKERS)
    dashboard.open(link({(24_350, "call"): 1}))
    payoff = panel(dashboard, "strategy").locator(".strategy-payoff .unseen")
    expect(payoff).to_contain_text("Profit and loss at prices")
    payoff.locator("xpath=..").scroll_into_view_if_needed()
    dashboard.settle()
    dashboard.page.wait_for_function("() => drawn.includes('Forward')")
    drawn = dashboard.page.evaluate("drawn")
    at = drawn.index("Forward")
    assert drawn[at - 3 : at + 1] == ["line", "line", "Spot", "Forward"]


def test_panel_without_a_leg_says_where_bid_and_ask_are(dashboard: Dashboard) -> None:
    hint = "The button Columns of the chain shows Bid and Ask."
    dashboard.open("?panels=strategy")
    heads = dashboard.page.locator('#chain thead [data-name="ask_price"]')
    expect(heads).to_have_count(0)
    expect(panel(dashboard, "strategy")).to_contain_text(hint)
    dashboard.show_all_columns()
    dashboard.page.reload()
    dashboard.wait_for_state("live")
    expect(heads).to_have_count(2)
    expect(panel(dashboard, "strategy")).to_contain_text("click an ask (buys)")
    expect(panel(dashboard, "strategy")).not_to_contain_text(hint)
