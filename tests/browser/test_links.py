"""A link shows what its sender saw, says what it cannot show, and leads on from there."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from optionchain.contract_terms import ContractTerms
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.page_modules import PageModules
from tests.browser.recording import SYMBOLS, iso, ist
from tests.browser.server import Server
from tests.browser.test_replay import query_of
from tests.browser.test_units import LOT, recorded

KEPT = "name => localStorage.getItem(`option-chain.${name}`)"
PAGES = ("", "/side-by-side", "/screener")


@pytest.fixture
def opened(empty_server: Server, new_page: OpenPage) -> Dashboard:
    """A page of one snapshot of each symbol, whose lots are known."""
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open()
    return dashboard


def kept(dashboard: Dashboard, name: str) -> str | None:
    found: str | None = dashboard.page.evaluate(KEPT, name)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_unit_of_a_link_holds_for_its_view_alone(opened: Dashboard, path: str) -> None:
    page = opened.page
    opened.open(f"{path}?unit=quantity")
    expect(page.locator("#unit")).to_have_value("quantity")
    assert query_of(opened)["unit"] == "quantity"
    assert kept(opened, "unit") is None
    opened.open(path)
    expect(page.locator("#unit")).to_have_value("lots")


@pytest.mark.parametrize("path", PAGES)
def test_chosen_unit_is_kept_and_in_the_link_and_back_undoes_it(
    opened: Dashboard, path: str
) -> None:
    page = opened.page
    opened.open(path)
    assert "unit" not in query_of(opened)
    page.locator("#unit").select_option("rupees")
    assert query_of(opened)["unit"] == "rupees"
    assert kept(opened, "unit") == "rupees"
    page.go_back()
    expect(page.locator("#unit")).to_have_value("lots")
    # The browser keeps another one, so that a link without a unit would show that.
    assert query_of(opened)["unit"] == "lots"
    assert kept(opened, "unit") == "rupees"
    page.go_forward()
    expect(page.locator("#unit")).to_have_value("rupees")
    opened.open(path)
    expect(page.locator("#unit")).to_have_value("rupees")
    assert query_of(opened)["unit"] == "rupees"


@pytest.mark.parametrize("path", PAGES)
def test_unknown_unit_of_a_link_is_ignored(opened: Dashboard, path: str) -> None:
    opened.open(f"{path}?unit=furlongs")
    expect(opened.page.locator("#unit")).to_have_value("lots")
    assert "unit" not in query_of(opened)


def test_volatility_of_a_link_holds_for_its_view_alone(opened: Dashboard) -> None:
    page = opened.page
    opened.open("?volatility=exchange")
    expect(page.locator("#volatility")).to_have_value("exchange")
    asked = [each for each in opened.log.requests if "iv_source=" in each]
    assert "iv_source=exchange" in asked[-1]
    assert query_of(opened)["volatility"] == "exchange"
    assert kept(opened, "volatility") is None
    page.locator("#volatility").select_option("price")
    opened.settle()
    assert "volatility" not in query_of(opened)
    page.go_back()
    expect(page.locator("#volatility")).to_have_value("exchange")
    opened.settle()
    asked = [each for each in opened.log.requests if "iv_source=" in each]
    assert "iv_source=exchange" in asked[-1]
    opened.open("?volatility=mine")
    expect(page.locator("#volatility")).to_have_value("price")
    assert "volatility" not in query_of(opened)


def test_volatility_of_a_link_holds_side_by_side(opened: Dashboard) -> None:
    before = len(opened.log.requests)
    opened.open("/side-by-side?volatility=exchange")
    asked = [each for each in opened.log.requests[before:] if "iv_source=" in each]
    assert asked
    assert all("iv_source=exchange" in each for each in asked)
    assert query_of(opened)["volatility"] == "exchange"


PICKERS = {
    "heat-side": "[data-choice=heat-side]",
    "heat-kind": "[data-choice=heat-kind]",
    "heat-window": "[data-choice=heat-window]",
    "gamma-expiry": "[data-choice=gamma-expiry]",
    "gamma-window": "[data-choice=gamma-window]",
    "smile-axis": "[data-choice=smile-axis]",
    "interval": "#contracts-interval",
    "strikes": "#window",
}
CHOSEN = {
    "heat-side": "puts",
    "heat-kind": "change",
    "heat-window": "all",
    "gamma-expiry": "all",
    "gamma-window": "10",
    "smile-axis": "delta",
    "interval": "15m",
    "strikes": "all",
}
USUAL = {
    "heat-side": "calls",
    "heat-kind": "value",
    "heat-window": "10",
    "gamma-expiry": "one",
    "gamma-window": "20",
    "smile-axis": "moneyness",
    "interval": "5m",
    "strikes": "10",
}
SETTINGS = {name: "window" if name == "strikes" else name for name in CHOSEN}
LAYOUT = "?panels=heat,gamma,volatility,contracts&contracts=24350CE,24400PE"


def layout(dashboard: Dashboard) -> dict[str, str]:
    """Return what the pickers of charts and panels show."""
    page = dashboard.page
    return {name: page.locator(each).input_value() for name, each in PICKERS.items()}


def layout_in_link(dashboard: Dashboard) -> dict[str, str]:
    query = query_of(dashboard)
    return {name: query[name] for name in PICKERS if name in query}


def columns(dashboard: Dashboard) -> set[str]:
    return {cell.column for cell in dashboard.contents().cells}


def tick(dashboard: Dashboard, column: str) -> None:
    """Tick a column of the chain, or take it off."""
    page = dashboard.page
    page.locator("#columns").click()
    page.locator(f"#column-panel input[value={column}]").click()
    page.keyboard.press("Escape")


def test_link_restores_the_layout(server: Server, new_page: OpenPage) -> None:
    sender = new_page(server)
    sender.open(LAYOUT)
    assert layout(sender) == USUAL
    assert layout_in_link(sender) == {}
    assert "columns" not in query_of(sender)
    for name, value in CHOSEN.items():
        sender.page.locator(PICKERS[name]).select_option(value)
    tick(sender, "delta")
    sender.settle()
    assert layout_in_link(sender) == CHOSEN
    assert {name: kept(sender, setting) for name, setting in SETTINGS.items()} == CHOSEN
    receiver = new_page(server)
    receiver.open(sender.page.url.partition("/dashboard")[2])
    assert layout(receiver) == CHOSEN
    assert "delta" in columns(receiver)
    assert columns(receiver) == columns(sender)
    assert query_of(receiver) == query_of(sender)
    with receiver.page.expect_request(re.compile("gamma-exposure.*expiry=all")):
        receiver.page.locator("[data-panel=gamma] .panel-body").scroll_into_view_if_needed()
    receiver.settle()
    assert any("interval=15m" in each for each in receiver.log.requests)
    # What a link says changes nothing that the browser keeps.
    assert {kept(receiver, each) for each in [*SETTINGS.values(), "columns"]} == {None}
    receiver.open(LAYOUT)
    assert layout(receiver) == USUAL
    assert "delta" not in columns(receiver)


def test_unit_of_a_strategy_is_in_the_link(opened: Dashboard) -> None:
    unit = opened.page.get_by_label("Unit of the strategy")
    opened.open("?panels=strategy&legs=%2B1x24350CE&strategy-unit=points")
    expect(unit).to_have_value("points")
    assert kept(opened, "strategy-unit") is None
    unit.select_option("rupees")
    assert "strategy-unit" not in query_of(opened)
    opened.page.go_back()
    expect(unit).to_have_value("points")
    shown = opened.page.locator("[data-panel=strategy] figcaption .unit").first
    expect(shown).to_have_text("points a unit")


def test_layout_of_a_link_wins_over_the_kept_one(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server)
    dashboard.open("?panels=heat")
    side = dashboard.page.locator(PICKERS["heat-side"])
    side.select_option("puts")
    dashboard.open("?panels=heat&heat-side=net")
    expect(side).to_have_value("net")
    assert kept(dashboard, "heat-side") == "puts"
    dashboard.open("?panels=heat")
    expect(side).to_have_value("puts")
    assert query_of(dashboard)["heat-side"] == "puts"
    side.select_option("calls")
    assert kept(dashboard, "heat-side") == "calls"
    assert "heat-side" not in query_of(dashboard)


def test_back_undoes_choices_of_the_layout(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.open("?panels=heat")
    page.locator(PICKERS["heat-side"]).select_option("puts")
    page.locator(PICKERS["heat-kind"]).select_option("change")
    tick(dashboard, "delta")
    assert "delta" in columns(dashboard)
    page.go_back()
    expect(page.locator('#chain td[data-column="delta"]')).to_have_count(0)
    # Two at once: each has its value of then.
    page.evaluate("history.go(-2)")
    expect(page.locator(PICKERS["heat-side"])).to_have_value("calls")
    expect(page.locator(PICKERS["heat-kind"])).to_have_value("value")
    assert page.locator("figure[data-shown]").get_attribute("data-shown") == "Calls"
    page.go_forward()
    expect(page.locator(PICKERS["heat-side"])).to_have_value("puts")
    expect(page.locator(PICKERS["heat-kind"])).to_have_value("value")


def test_link_has_the_layout_of_open_panels_alone(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.open("?panels=heat")
    side = page.locator(PICKERS["heat-side"])
    side.select_option("puts")
    heat = page.locator("#panel-buttons [data-panel=heat]")
    heat.click()
    expect(side).to_have_count(0)
    assert "heat-side" not in query_of(dashboard)
    dashboard.settle()
    heat.click()
    expect(side).to_have_value("puts")
    assert query_of(dashboard)["heat-side"] == "puts"
    page.go_back()
    expect(side).to_have_count(0)
    page.go_back()
    expect(side).to_have_value("puts")


def test_chain_that_is_compared_has_columns_of_its_own_in_the_link(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(server)
    dashboard.open("?columns=open_interest,delta,pcr")
    assert columns(dashboard) == {"open_interest", "delta"}
    dashboard.page.locator("#against").select_option("1m")
    dashboard.settle()
    assert "columns" not in query_of(dashboard)
    tick(dashboard, "delta")
    found = query_of(dashboard)["window-columns"].split(",")
    assert {"delta", "open_interest_change"} <= set(found)
    receiver = new_page(server)
    receiver.open(dashboard.page.url.partition("/dashboard")[2])
    assert columns(receiver) == set(found) - {"pcr"}
    dashboard.page.locator("#against").select_option("")
    dashboard.settle()
    assert columns(dashboard) == {"open_interest", "delta"}
    assert query_of(dashboard)["columns"] == "delta,open_interest,pcr"


def test_unknown_layout_of_a_link_is_ignored(dashboard: Dashboard) -> None:
    strange = "&".join(f"{name}=furlongs" for name in [*CHOSEN, "columns"])
    dashboard.open(f"{LAYOUT}&{strange}")
    assert layout(dashboard) == USUAL
    assert layout_in_link(dashboard) == {}
    assert "columns" not in query_of(dashboard)
    dashboard.open("?columns=furlongs,delta")
    assert columns(dashboard) == {"delta"}
    assert query_of(dashboard)["columns"] == "delta"


@pytest.mark.parametrize("choice", ["panels=contracts&contracts=24400CE", "legs=1x24400CE"])
def test_link_that_names_strikes_names_their_expiry(
    server: Server, dashboard: Dashboard, choice: str
) -> None:
    """Else it would mean other contracts as soon as another expiry is the nearest one."""
    expiry = server.get("/option-chain/NIFTY")["expiry_date"]
    dashboard.open(f"?symbol=NIFTY&{choice}")
    assert query_of(dashboard)["expiry"] == expiry
    dashboard.page.locator("#against").select_option("15m")
    assert query_of(dashboard)["expiry"] == expiry


def test_chosen_contracts_keep_their_expiry_in_the_link(
    server: Server, dashboard: Dashboard
) -> None:
    expiry = server.get("/option-chain/NIFTY")["expiry_date"]
    dashboard.open()
    dashboard.page.locator('#chain tr[data-strike="24350"] th').click()
    assert query_of(dashboard)["contracts"]
    assert query_of(dashboard)["expiry"] == expiry
    dashboard.settle()
    dashboard.advance(6)
    assert query_of(dashboard)["expiry"] == expiry


def test_any_number_of_minutes_of_a_link_is_compared_with(dashboard: Dashboard) -> None:
    dashboard.open("?against=7m")
    picker = dashboard.page.locator("#against")
    expect(picker).to_have_value("7m")
    expect(picker.locator("option:checked")).to_have_text("7 min ago")
    assert query_of(dashboard)["against"] == "7m"
    expect(dashboard.page.locator("#chain thead").get_by_text("7m").first).to_be_attached()
    picker.select_option("15m")
    dashboard.settle()
    expect(picker.locator("option[value='7m']")).to_have_count(0)


@pytest.mark.parametrize("against", ["0m", "1441m", "yesterday"])
def test_link_that_compares_with_no_moment_says_so(dashboard: Dashboard, against: str) -> None:
    dashboard.open(f"?against={against}")
    assert dashboard.notice == f"Changes since “{against}” are not known."
    assert "against" not in query_of(dashboard)
    expect(dashboard.page.locator("#against")).to_have_value("")


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("08:00", "Nothing of NIFTY was recorded before 08:00:00 IST."),
        ("2026-06-19T02:30:00Z", "Nothing of NIFTY was recorded before 08:00:00 IST."),
        ("-8h", "Nothing of NIFTY was recorded before 07:02:"),
        ("23:00", "23:00:00 IST is still to come."),
        ("2026-06-22", "Monday 22 June 2026 is still to come."),
        ("rubbish", "“rubbish” is no moment."),
        ("25:00", "“25:00” is no moment."),
    ],
)
def test_link_to_a_moment_without_a_record_leads_on(
    server: Server, dashboard: Dashboard, at: str, text: str
) -> None:
    dashboard.open(f"?symbol=NIFTY&at={at}", state="empty")
    page = dashboard.page
    expect(page.locator("#empty-day-text")).to_contain_text(text)
    assert dashboard.notice == ""
    assert query_of(dashboard)["at"] == at
    expect(page.locator("#empty-day-list button")).to_have_count(1)
    first = server.get("/option-chain/NIFTY/days")["days"][0]["first_timestamp"]
    if at == "2026-06-22":  # a day is not within another one
        page.locator("#empty-day-nearest button").click()
        dashboard.wait_for_state("live")
        return
    page.get_by_role("button", name="First of Fri 19 Jun 2026: 09:15:").click()
    dashboard.wait_for_snapshot(first)
    assert dashboard.state == "replay"
    page.go_back()
    dashboard.wait_for_state("empty")
    page.locator("#empty-day-nearest").get_by_role("button", name="Live").click()
    dashboard.wait_for_state("live")
    expect(page.locator("#empty-day")).to_be_hidden()


def test_link_to_a_symbol_that_is_not_recorded_offers_those_that_are(dashboard: Dashboard) -> None:
    dashboard.open("?symbol=BANK", state="empty")
    page = dashboard.page
    expect(page.locator("#empty-day-text")).to_have_text("Nothing of “BANK” is recorded.")
    expect(page.locator("#empty-day-head")).to_have_text("Recorded symbols")
    assert dashboard.notice == ""
    offered = page.locator("#empty-day-list button")
    assert offered.all_inner_texts()[0] == "BANKNIFTY"
    assert sorted(offered.all_inner_texts()) == sorted(SYMBOLS)
    offered.first.click()
    dashboard.wait_for_state("live")
    assert query_of(dashboard)["symbol"] == "BANKNIFTY"
    expect(page.locator("#empty-day")).to_be_hidden()


def test_link_to_what_is_no_name_of_a_symbol_offers_symbols(dashboard: Dashboard) -> None:
    dashboard.open(f"?symbol={quote('<img src=x>')}", state="empty")
    expect(dashboard.page.locator("#empty-day-text")).to_contain_text("“<IMG SRC=X>”")
    expect(dashboard.page.locator("#empty-day-list button")).to_have_count(len(SYMBOLS))


def test_moments_of_an_address_are_those_of_the_api(modules: PageModules) -> None:
    """In India's time where no zone is named, whatever zone the browser is in."""
    named = {
        "2026-06-19T10:15:05": iso(ist("10:15:05")),
        "2026-06-19 9:15": iso(ist("09:15:00")),
        "2026-06-19T04:45:05Z": iso(ist("10:15:05")),
        "2026-06-19T04:45:05 00:00": iso(ist("10:15:05")),
    }
    path = "words/calendar_days.js"
    times = modules.call_all(path, "timeOfMoment", [[text] for text in named])
    assert modules.call_all("words/against.js", "isoInstant", [[time] for time in times]) == [
        *named.values()
    ]
    others = ["rubbish", "foo 1", "2026-06-19", "25:00", "2026-13-01T10:00", ""]
    assert modules.call_all(path, "timeOfMoment", [[text] for text in others]) == [None] * 6


def test_page_asks_at_once_when_the_browser_is_online_again(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    with server.down():
        dashboard.advance(40)
        assert dashboard.state == "unavailable"
    dashboard.page.evaluate("dispatchEvent(new Event('online'))")
    dashboard.settle()
    assert dashboard.state == "live"
