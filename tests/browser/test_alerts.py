"""Alerts of the browser: set, kept, rung once by a number that is new, and told."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect
from pymongo.database import Database

from optionchain.contract_terms import ContractTerms
from optionchain.mongo.client import Document
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.page_modules import PageModules
from tests.browser.recording import SYMBOLS, ist, snapshots
from tests.browser.server import Server
from tests.browser.test_panels import panel
from tests.browser.test_units import LOT, UNKNOWN, WHY_UNKNOWN, recorded

# Counts what is told to the system, and lets sounds be silent.
WATCH = """(() => {
  window.told = [];
  window.Notification = class { constructor(title, {body}) { window.told.push(body); } };
  window.Notification.permission = 'granted';
  window.tones = 0;
  window.AudioContext = class {
    constructor() { this.state = 'running'; this.currentTime = 0; this.destination = {}; }
    resume() {}
  };
  window.GainNode = class { connect() {} };
  window.OscillatorNode = class { connect() {} start() { window.tones += 1; } stop() {} };
})();"""


def opened(dashboard: Dashboard) -> Locator:
    dashboard.page.add_init_script(WATCH)
    dashboard.open("?panels=alerts")
    found = panel(dashboard, "alerts")
    expect(found).to_be_visible()
    return found


def set_alert(alerts: Locator, metric: str, side: str, value: float, symbol: str = "NIFTY") -> None:
    alerts.get_by_label("Symbol").fill(symbol)
    alerts.get_by_label("Number").select_option(metric)
    alerts.get_by_label("Rings").select_option(side)
    alerts.get_by_label("Value").fill(str(value))
    alerts.get_by_role("button", name="Set alert").click()


def next_tick(
    server: Server,
    dashboard: Dashboard,
    symbol: str = "NIFTY",
    facts: SnapshotFacts = NOTHING_KNOWN,
) -> float:
    """Record what the market says half a minute later; return the spot."""
    dashboard.settle()  # an answer that is under way would be of before
    server.clock.now += timedelta(seconds=30)
    tick = server.clock.now.replace(second=server.clock.now.second // 5 * 5)
    server.recording.store(symbol, tick, snapshots(symbol, tick), facts=facts)
    dashboard.hide()
    dashboard.show()
    dashboard.settle()
    spot = snapshots(symbol, tick)[0].underlying_value
    assert spot is not None
    return spot


def told(dashboard: Dashboard) -> list[str]:
    found: list[str] = dashboard.page.evaluate("window.told")
    return found


def test_alert_rings_once_when_the_number_is_beyond_its_value(
    server: Server, dashboard: Dashboard
) -> None:
    alerts = opened(dashboard)
    set_alert(alerts, "underlying_value", "above", 20_000)
    dashboard.settle()
    spot = next_tick(server, dashboard)
    (text,) = told(dashboard)
    assert text.startswith(f"NIFTY Spot above 20,000.00: {spot:,.2f} at ")
    assert text.endswith(" IST")
    expect(dashboard.page.locator("#alarm-text")).to_have_text(text)
    assert dashboard.page.evaluate("window.tones") == 2
    next_tick(server, dashboard)
    assert len(told(dashboard)) == 1
    expect(alerts.get_by_role("row", name="above 20,000.00")).to_contain_text("rang 19 Jun")
    dashboard.page.locator("#alarm-close").click()
    expect(dashboard.page.locator("#alarm")).to_be_hidden()
    alerts.get_by_role("button", name="Set again").click()
    next_tick(server, dashboard)
    assert len(told(dashboard)) == 2


def test_alert_stays_silent_before_its_value_and_shows_the_number(
    server: Server, dashboard: Dashboard
) -> None:
    alerts = opened(dashboard)
    set_alert(alerts, "pcr_oi", "above", 50)
    next_tick(server, dashboard)
    assert told(dashboard) == []
    pcr = server.get("/option-chain/NIFTY/analytics")["pcr_oi"]
    row = alerts.get_by_role("row", name="PCR above 50.000")
    expect(row).to_contain_text("waits")
    expect(row).to_contain_text(f"{pcr:.3f}")
    assert float(row.locator("[data-value]").get_attribute("data-value") or 0) == pcr


def test_number_of_before_the_alert_does_not_ring(server: Server, dashboard: Dashboard) -> None:
    server.recorder_works = False
    alerts = opened(dashboard)
    server.advance(20)
    dashboard.page.clock.run_for(20_000)
    dashboard.settle()
    set_alert(alerts, "underlying_value", "above", 20_000)
    dashboard.settle()
    assert told(dashboard) == []
    next_tick(server, dashboard)
    assert len(told(dashboard)) == 1


def test_alert_of_another_symbol_rings_and_an_unknown_one_silences_none(
    server: Server, dashboard: Dashboard
) -> None:
    alerts = opened(dashboard)
    set_alert(alerts, "underlying_value", "above", 1, "NOSUCH")
    set_alert(alerts, "underlying_value", "below", 900_000, "banknifty")
    next_tick(server, dashboard, "BANKNIFTY")
    (text,) = told(dashboard)
    assert text.startswith("BANKNIFTY Spot below 9,00,000.00")
    unknown = alerts.get_by_role("row", name="NOSUCH")
    expect(unknown).to_contain_text("waits: NOSUCH is not recorded")
    assert "not recorded" not in alerts.get_by_role("row", name="BANKNIFTY").inner_text()


def test_alerts_are_kept_and_can_be_removed(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server)
    alerts = opened(dashboard)
    set_alert(alerts, "atm_iv", "below", 1)
    dashboard.page.reload()
    dashboard.wait_for_state("live")
    row = panel(dashboard, "alerts").get_by_role("row", name="NIFTY ATM IV below 1.00 %")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    stored = dashboard.page.evaluate("localStorage.getItem('option-chain.alerts')")
    assert stored is None


def test_what_a_browser_has_stored_is_not_believed(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server)
    odd = {"id": "1", "metric": "pcr_oi", "symbol": "NIFTY", "isAbove": True, "value": 1}
    untimed = [
        {**odd, "setAt": "soon", "rangAt": None},
        {**odd, "setAt": "2026-06-19T00:00:00Z", "rangAt": "soon"},
    ]
    others = [{"metric": "pcr_oi"}, 7, None, {"metric": "nosuch", "value": 1}]
    broken = json.dumps([*others, *untimed])
    dashboard.page.add_init_script(f"localStorage.setItem('option-chain.alerts', '{broken}')")
    dashboard.open("?panels=alerts")
    expect(panel(dashboard, "alerts").locator("tbody")).to_have_text("No alert is set.")


def test_health_rings_when_the_service_is_not_healthy(server: Server, dashboard: Dashboard) -> None:
    alerts = opened(dashboard)
    alerts.get_by_label("Number").select_option("health")
    alerts.get_by_role("button", name="Set alert").click()
    server.recorder_works = False
    dashboard.advance(60)
    (text,) = told(dashboard)
    assert text.startswith("The service is not healthy: ")


def test_alert_rings_in_a_hidden_tab(server: Server, dashboard: Dashboard) -> None:
    alerts = opened(dashboard)
    set_alert(alerts, "underlying_value", "above", 20_000)
    dashboard.settle()
    dashboard.hide()
    asked = len(server.proxy.requests_to("/option-chain/"))
    server.clock.now = ist("15:03:30")
    server.recording.tick("NIFTY", server.clock.now)
    dashboard.page.clock.run_for(16_000)
    dashboard.settle()
    assert len(told(dashboard)) == 1
    assert len(server.proxy.requests_to("/option-chain/")) == asked


def test_symbol_that_the_api_refuses_silences_no_other_alert(
    server: Server, dashboard: Dashboard
) -> None:
    """The numbers of all alerts come by one request, which one such name would spoil."""
    wrong = {"id": "1", "metric": "pcr_oi", "symbol": "NIFTY 50", "isAbove": True, "value": 0}
    stored = json.dumps([{**wrong, "setAt": "2026-06-19T00:00:00Z", "rangAt": None}])
    dashboard.page.add_init_script(f"localStorage.setItem('option-chain.alerts', '{stored}')")
    alerts = opened(dashboard)
    set_alert(alerts, "underlying_value", "above", 1, "nifty 50")
    expect(alerts.locator("input:invalid").first).to_be_focused()
    set_alert(alerts, "underlying_value", "above", 1)
    next_tick(server, dashboard)
    assert len(told(dashboard)) == 1


def test_alerts_of_two_tabs_are_all_kept_and_ring_once(server: Server, new_page: OpenPage) -> None:
    first = new_page(server)
    opened(first)
    second = Dashboard(first.page.context.new_page(), server)
    set_alert(opened(second), "pcr_oi", "above", 50)
    rows = panel(first, "alerts").locator("tbody tr")
    expect(rows).to_have_text([re.compile("PCR above 50")])
    set_alert(panel(first, "alerts"), "underlying_value", "above", 1)
    expect(panel(second, "alerts").locator("tbody tr")).to_have_count(2)
    next_tick(server, first)
    expect(panel(second, "alerts").locator("tbody")).to_contain_text("rang 19 Jun")
    next_tick(server, second)
    assert told(second) == []
    second.page.reload()
    expect(panel(second, "alerts").locator("tbody tr")).to_have_count(2)


def test_alert_sounds_after_a_reload_and_a_click(server: Server, dashboard: Dashboard) -> None:
    set_alert(opened(dashboard), "underlying_value", "above", 20_000)
    dashboard.page.reload()
    dashboard.wait_for_state("live")
    dashboard.settle()
    dashboard.page.locator("h1").click()
    next_tick(server, dashboard)
    assert dashboard.page.evaluate("window.tones") == 2


def test_two_alerts_that_ring_at_once_are_both_told(server: Server, dashboard: Dashboard) -> None:
    alerts = opened(dashboard)
    set_alert(alerts, "underlying_value", "above", 20_000)
    set_alert(alerts, "pcr_oi", "above", 0)
    next_tick(server, dashboard)
    text = dashboard.page.locator("#alarm-text")
    expect(text).to_contain_text("Spot above 20,000.00")
    expect(text).to_contain_text("PCR above 0.000")
    next_tick(server, dashboard)
    now = alerts.locator("tbody td:nth-child(2)")
    values = now.evaluate_all("cells => cells.map(cell => Number(cell.dataset.value))")
    newest = server.get("/screener", symbols="NIFTY")["records"][0]
    assert values == [newest["underlying_value"], newest["pcr_oi"]]


def test_numbers_of_alerts_that_have_rung_are_asked_for_while_the_panel_is_open(
    server: Server, dashboard: Dashboard
) -> None:
    alerts = opened(dashboard)
    set_alert(alerts, "underlying_value", "above", 20_000)
    dashboard.settle()
    spot = next_tick(server, dashboard)
    dashboard.page.reload()
    dashboard.wait_for_state("live")
    dashboard.settle()
    row = panel(dashboard, "alerts").get_by_role("row", name="above 20,000.00")
    expect(row).to_contain_text("rang 19 Jun")
    assert float(row.locator("[data-value]").get_attribute("data-value") or 0) == spot
    panel(dashboard, "alerts").get_by_role("button", name="Close Alerts").click()
    dashboard.settle()
    asked = len(server.proxy.requests_to("/screener"))
    next_tick(server, dashboard)
    assert len(server.proxy.requests_to("/screener")) == asked


@pytest.mark.parametrize("metric", [
    "open_interest_change", "open_interest_change_percent", "underlying_change_percent",
])  # fmt: skip
def test_alert_that_cannot_ring_says_why(dashboard: Dashboard, metric: str) -> None:
    """The day before is not recorded, so that no change from its close is known."""
    alerts = opened(dashboard)
    set_alert(alerts, metric, "above", 1)
    dashboard.settle()
    why = "the trading day before, or this expiry on it, was not recorded"
    expect(alerts.locator("tbody tr")).to_contain_text(f"waits: {why}")
    expect(alerts.locator("tbody [data-value]")).to_have_attribute("title", why)
    expect(alerts.locator(".panel-note").last).to_contain_text(
        "Changes count from the recorded close of the day before"
    )
    tile = dashboard.tile("call_open_interest")
    assert "as the source sends it" in (tile.get_attribute("title") or "")


def test_new_numbers_leave_the_focus_and_what_is_typed(
    server: Server, dashboard: Dashboard
) -> None:
    alerts = opened(dashboard)
    for value in (50, 60):
        set_alert(alerts, "pcr_oi", "above", value)
    button = alerts.get_by_role("button", name="Remove: NIFTY PCR above 60.000")
    button.focus()
    next_tick(server, dashboard)
    expect(button).to_be_focused()
    button.press("Enter")
    expect(alerts.get_by_role("button", name="Remove: NIFTY PCR above 50.000")).to_be_focused()
    symbol = alerts.get_by_label("Symbol")
    symbol.fill("")
    next_tick(server, dashboard)
    expect(symbol).to_have_value("")
    symbol.fill("NIFTY")
    dashboard.choose_symbol("BANKNIFTY")
    expect(symbol).to_have_value("BANKNIFTY")


CHANGE = "open_interest_change"
IN_LOTS = {"id": "1", "metric": CHANGE, "symbol": "NIFTY", "isAbove": True, "value": 5}
STORED = IN_LOTS | {"setAt": "2026-06-19T00:00:00Z", "rangAt": None, "rangBy": None}
KNOWN = SnapshotFacts(terms=ContractTerms(lot_size=LOT))
CLOSE = datetime(2026, 6, 18, 9, 55, tzinfo=UTC)


def recorded_since_the_day_before(
    server: Server, database: Database[Document], terms: ContractTerms
) -> None:
    """Record the close of the day before, and one snapshot of today with these terms."""
    for symbol in SYMBOLS:
        server.recording.tick(symbol, CLOSE)
    SymbolDays(database).add(CLOSE - timedelta(minutes=15), CLOSE + timedelta(minutes=15))
    recorded(server, terms)


def change_in(server: Server, unit: str) -> float:
    """Return NIFTY's change of open interest in a unit, by the API's numbers."""
    (row,) = server.get("/screener", symbols="NIFTY")["records"]
    price = row["reference_price"] if unit == "rupees" else 1
    number: float = row[CHANGE] * (1 if unit == "lots" else row["lot_size"] * price)
    return number


def choose_unit(dashboard: Dashboard, unit: str) -> None:
    dashboard.page.locator("#unit").select_option(unit)


def test_label_of_a_value_says_its_unit_and_follows_the_picker(
    empty_server: Server, new_page: OpenPage
) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    alerts = opened(dashboard)
    value = alerts.locator("label").filter(has=dashboard.page.locator("input[type=number]"))
    for metric, label in (
        ("open_interest_change_percent", "Value (%)"),
        ("pcr_oi", "Value"),
        (CHANGE, "Value (lots)"),
    ):
        alerts.get_by_label("Number").select_option(metric)
        expect(value).to_have_text(label)
    for unit, label in (("quantity", "Value (quantity)"), ("rupees", "Value (₹)")):
        choose_unit(dashboard, unit)
        expect(value).to_have_text(label)
    alerts.get_by_label("Number").select_option("pcr_oi")
    expect(value).to_have_text("Value")
    assert "lots" not in alerts.locator(".panel-note").last.inner_text()


@pytest.mark.parametrize(
    ("unit", "written", "counted"),
    [
        ("lots", "{} lots", ""),
        ("quantity", "{} quantity", "units of the underlying"),
        ("rupees", "₹{}", "rupees"),
    ],
)
def test_alert_is_in_the_unit_in_which_it_was_set(
    empty_server: Server,
    database: Database[Document],
    new_page: OpenPage,
    modules: PageModules,
    unit: str,
    written: str,
    counted: str,
) -> None:
    def text(number: float) -> str:
        name = "formatNumber" if unit == "lots" else "formatCrore"
        found: str = modules.call("words/format.js", name, number)
        return found

    def exact(number: float) -> str:
        return f"{modules.call('words/format.js', 'formatNumber', number)} {counted}"

    recorded_since_the_day_before(empty_server, database, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    alerts = opened(dashboard)
    choose_unit(dashboard, unit)
    change = change_in(empty_server, unit)
    value = round(change - abs(change) / 2)
    set_alert(alerts, CHANGE, "above", value)
    choose_unit(dashboard, "quantity" if unit == "lots" else "lots")
    dashboard.settle()
    head = alerts.get_by_role("rowheader")
    name = f"NIFTY Change in OI above {written.format(text(value))}"
    expect(head).to_have_text(name)
    now = alerts.locator("tbody td[data-value]")
    expect(now).to_have_text(text(change))
    assert float(now.get_attribute("data-value") or 0) == pytest.approx(change)
    titles = [exact(value), exact(change)] if counted else ["", ""]
    assert [head.get_attribute("title"), now.get_attribute("title")] == titles
    assert told(dashboard) == []
    next_tick(empty_server, dashboard, facts=KNOWN)
    (rang,) = told(dashboard)
    number = written.format(text(change_in(empty_server, unit)))
    assert rang.startswith(f"{name}: {number} at 15:03:0")
    dashboard.page.reload()
    dashboard.wait_for_state("live")
    expect(panel(dashboard, "alerts").get_by_role("rowheader")).to_have_text(name)
    stored = dashboard.page.evaluate("JSON.parse(localStorage['option-chain.alerts'])[0].unit")
    assert stored == unit


def test_alert_that_was_stored_without_a_unit_is_in_lots(
    empty_server: Server, database: Database[Document], new_page: OpenPage
) -> None:
    recorded_since_the_day_before(empty_server, database, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    odd = STORED | {"id": "2", "unit": "crates"}
    dashboard.page.add_init_script(
        f"localStorage['option-chain.alerts'] = '{json.dumps([STORED, odd])}';"
        "localStorage['option-chain.unit'] = 'rupees';"
    )
    alerts = opened(dashboard)
    expect(alerts.get_by_role("rowheader")).to_have_text("NIFTY Change in OI above 5 lots")
    now = alerts.locator("tbody td[data-value]")
    assert float(now.get_attribute("data-value") or 0) == change_in(empty_server, "lots")


def test_alert_whose_unit_is_not_known_has_no_number_and_stays_silent(
    empty_server: Server, database: Database[Document], new_page: OpenPage
) -> None:
    recorded_since_the_day_before(empty_server, database, UNKNOWN)
    dashboard = new_page(empty_server)
    rules = [STORED | {"unit": unit, "value": -1e15} for unit in ("quantity", "rupees")]
    dashboard.page.add_init_script(f"localStorage['option-chain.alerts'] = '{json.dumps(rules)}'")
    alerts = opened(dashboard)
    next_tick(empty_server, dashboard, facts=SnapshotFacts(terms=UNKNOWN))
    assert told(dashboard) == []
    assert change_in(empty_server, "lots") > -1e15
    for row in alerts.locator("tbody tr").all():
        expect(row).to_contain_text(f"waits: {WHY_UNKNOWN}")
        now = row.locator("td[data-value]")
        expect(now).to_have_text("\N{EN DASH}")
        expect(now).to_have_attribute("data-value", "")
        expect(now).to_have_attribute("title", WHY_UNKNOWN)


@pytest.mark.parametrize(
    ("unit", "row", "number"),
    [
        ("rupees", {"lot_size": 65, "reference_price": 100.5}, 65_325.0),
        ("quantity", {"lot_size": 65}, 650),
        ("lots", {}, 10),
        (
            "rupees",
            {"lot_size": 65, "reference_price": None, "reasons": {"reference_price": "no_price"}},
            "there is no bid with an ask, and no last price",
        ),
        (
            "quantity",
            {"lot_size": None, "reasons": {"timestamp": "nothing_recorded"}},
            "nothing of this symbol is recorded",
        ),
        ("rupees", {"lot_size": 65, "reference_price": 100.5, CHANGE: None}, ""),
        (
            "lots",
            {CHANGE: None, "reasons": {CHANGE: "no_previous_close"}},
            "the trading day before, or this expiry on it, was not recorded",
        ),
    ],
)
def test_number_of_an_alert_is_in_its_unit_or_has_a_reason(
    modules: PageModules, unit: str, row: dict[str, Any], number: float | str
) -> None:
    found = modules.call(
        "alerts/alert_rules.js", "numberNow", STORED | {"unit": unit}, {CHANGE: 10} | row
    )
    is_known = not isinstance(number, str)
    assert found == {"value": number if is_known else None, "reason": "" if is_known else number}


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("rupees", -2.5e11, "₹\N{MINUS SIGN}25,000Cr"),
        ("rupees", 2.5e7, "₹2.5Cr"),
        ("quantity", -123_456, "\N{MINUS SIGN}1.2L quantity"),
        ("lots", -123_456, "\N{MINUS SIGN}1,23,456 lots"),
    ],
)
def test_value_is_written_with_its_unit(
    modules: PageModules, unit: str, value: float, text: str
) -> None:
    rule = STORED | {"unit": unit, "value": value}
    found = modules.call("alerts/alert_rules.js", "alertText", rule)
    assert found == f"NIFTY Change in OI above {text}"


def test_lot_size_and_price_are_asked_for_only_where_an_alert_needs_them(
    empty_server: Server, new_page: OpenPage
) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    asked: list[set[str]] = []

    def note(url: str) -> None:
        if urlsplit(url).path.endswith("/screener"):
            asked.append({*parse_qs(urlsplit(url).query)["columns"][0].split(",")})

    dashboard.page.on("request", lambda request: note(request.url))
    alerts = opened(dashboard)
    always = {"symbol", "timestamp", "last_seen_at", "gap", "reasons"}
    needed = {"quantity": {"lot_size"}, "rupees": {"reference_price"}}
    set_alert(alerts, "pcr_oi", "above", 50)
    expected = always | {"pcr_oi"}
    for unit in ("lots", "quantity", "rupees"):
        choose_unit(dashboard, unit)
        set_alert(alerts, CHANGE, "above", 1e15)
        dashboard.settle()
        expected |= {CHANGE} | needed.get(unit, set())
        assert asked[-1] == expected
