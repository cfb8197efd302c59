"""Everybody can use the page: by keyboard, by screen reader, in either scheme."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.screens import SCREENS, WIDE, WIDE_DARK, Screen
from tests.browser.server import Server
from tests.browser.test_loading import CHARTS

# What has the focus, and whether that can be seen.
FOCUSED = """() => {
  const {activeElement: each} = document;
  if (each === document.body) return ['', false];
  const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(each);
  const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
  return [each.id || each.name || each.tagName, outlined || boxShadow !== 'none'];
}"""
# Strikes are alike, and axe would examine two hundred rows of them one by one.
THIN_OUT = """rows => rows.forEach((row, number) =>
  number % 10 === 0 || row.classList.contains('atm') || row.remove())"""


def violations(dashboard: Dashboard, within: str = "html") -> list[tuple[str, list[Any]]]:
    """Return the serious and critical findings of axe within an element, and where they are.

    Axe needs a running clock, so the page polls from now on.
    """
    dashboard.page.clock.resume()
    dashboard.page.locator("#chain tbody tr").evaluate_all(THIN_OUT)
    found: list[dict[str, Any]] = Axe().run(dashboard.page, within).response["violations"]
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:5])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious(server: Server, new_page: OpenPage, screen: Screen) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open()
    assert violations(dashboard) == []
    dashboard.page.locator("#columns").click()
    assert violations(dashboard, "section.chain") == []


@pytest.mark.parametrize("screen", [WIDE, WIDE_DARK], ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious_in_a_replay_after_an_error_and_in_the_key_dialog(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open("?at=2026-06-19T06:00:00Z", state="replay")
    assert violations(dashboard) == []
    server.proxy.problem = "database-unavailable"
    dashboard.page.locator("#live").click()
    dashboard.wait_for_state("unavailable")
    assert violations(dashboard) == []
    server.proxy.key = "secret"
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_state("key")
    assert violations(dashboard) == []


def test_tab_reaches_every_control_and_shows_the_focus(live_page: Dashboard) -> None:
    focused: dict[str, bool] = {}
    for _ in range(40):
        live_page.page.keyboard.press("Tab")
        name, visible = live_page.page.evaluate(FOCUSED)
        # A date has a stop for each of its parts.
        focused[name] = visible or focused.get(name, False)
    focused.pop("", None)
    assert [name for name, visible in focused.items() if not visible] == []
    assert {"symbol", "expiry", "time", "columns"} <= set(focused)
    names = list(focused)
    assert names.index("symbol") < names.index("expiry") < names.index("time")


def test_symbol_and_column_are_chosen_by_keyboard_alone(dashboard: Dashboard) -> None:
    dashboard.open()
    page = dashboard.page
    page.locator("#symbol").focus()
    page.keyboard.type("bank")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("BANKNIFTY"))
    dashboard.settle()
    page.locator("#columns").focus()
    page.keyboard.press("Enter")
    box = page.locator("input[name=column][value=vega]")
    expect(box).to_be_visible()
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#chain td[data-column=vega]").first).to_be_attached()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert page.evaluate(FOCUSED)[0] == "columns"


def test_each_chart_has_a_name_and_its_numbers_in_words(live_page: Dashboard) -> None:
    for name in CHARTS:
        chart = live_page.page.locator(f"#chart-{name}")
        expect(chart).to_have_accessible_name(re.compile(r"\w"))
        expect(chart).to_have_accessible_description(re.compile(r"\d"))


def test_notice_is_announced(live_page: Dashboard) -> None:
    assert live_page.page.locator("#notice").get_attribute("role") in {"status", "alert"}
