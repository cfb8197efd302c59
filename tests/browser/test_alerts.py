"""Alerts of the browser: set, kept, rung once by a number that is new, and told."""

import json
from datetime import timedelta

from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import ist, snapshots
from tests.browser.server import Server
from tests.browser.test_panels import panel

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
    expect(alerts.get_by_role("row", name="NOSUCH")).to_contain_text("waits")


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
