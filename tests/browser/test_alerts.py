"""Alerts of the browser: set, kept, rung once by a number that is new, and told."""

import json
import re
from datetime import timedelta

from playwright.sync_api import Locator, expect

from optionchain.contract_terms import ContractTerms
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import ist, snapshots
from tests.browser.server import Server
from tests.browser.test_panels import panel
from tests.browser.test_units import LOT, recorded

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


def next_tick(server: Server, dashboard: Dashboard, symbol: str = "NIFTY") -> float:
    """Record what the market says half a minute later; return the spot."""
    dashboard.settle()  # an answer that is under way would be of before
    server.clock.now += timedelta(seconds=30)
    tick = server.clock.now.replace(second=server.clock.now.second // 5 * 5)
    server.recording.tick(symbol, tick)
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
    broken = json.dumps([{"metric": "pcr_oi"}, 7, None, {"metric": "nosuch", "value": 1}])
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
    values = now.evaluate_all("cells => cells.map(cell => cell.dataset.value)")
    assert values == ["", ""], "what is not asked for is not of now"


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


def test_a_value_of_open_interest_is_in_lots_whatever_unit_the_page_shows(
    empty_server: Server, new_page: OpenPage
) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    alerts = opened(dashboard)
    dashboard.page.locator("#unit").select_option("rupees")
    value = alerts.locator("label").filter(has=dashboard.page.locator("input[type=number]"))
    for metric, label in (
        ("open_interest_change", "Value (lots)"),
        ("open_interest_change_percent", "Value (%)"),
        ("pcr_oi", "Value"),
    ):
        alerts.get_by_label("Number").select_option(metric)
        expect(value).to_have_text(label)
    set_alert(alerts, "open_interest_change", "above", 5)
    expect(alerts.get_by_role("rowheader")).to_have_text("NIFTY Change in OI above 5 lots")
    expect(alerts.get_by_text("Open interest is in lots here")).to_be_visible()
