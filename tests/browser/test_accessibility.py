"""Everybody can use the page: by keyboard, by screen reader, in either scheme."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.looks import LOOKS, Look
from tests.browser.site import Site
from tests.browser.test_loading import CHARTS

# What has the focus, and whether that can be seen.
FOCUSED = """() => {
  const {activeElement: each} = document;
  if (each === document.body) return ['', false];
  const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(each);
  const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
  return [each.id || each.name || each.tagName, outlined || boxShadow !== 'none'];
}"""
# Strikes are alike, and two hundred rows of them would be judged one by one.
THIN_OUT = """rows => rows.forEach((row, number) =>
  number % 10 === 0 || row.classList.contains('atm') || row.remove())"""


def violations(dashboard: Dashboard) -> list[tuple[str, list[Any]]]:
    """Return the serious and critical findings of axe, and where they are."""
    dashboard.page.locator("#chain tbody tr").evaluate_all(THIN_OUT)
    found: list[dict[str, Any]] = Axe().run(dashboard.page).response["violations"]
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:5])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_axe_finds_nothing_serious(site: Site, new_page: OpenPage, look: Look) -> None:
    dashboard = new_page(site, **look.context)
    dashboard.open()
    dashboard.settle()
    assert violations(dashboard) == []
    dashboard.page.locator("#columns").click()
    assert violations(dashboard) == []


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: look.name)
def test_axe_finds_nothing_serious_where_a_key_is_asked_for(
    site: Site, new_page: OpenPage, look: Look
) -> None:
    site.front.key = "secret"
    dashboard = new_page(site, **look.context)
    dashboard.open(state="key")
    assert violations(dashboard) == []


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: look.name)
def test_axe_finds_nothing_serious_in_replay_and_then_in_trouble(
    site: Site, new_page: OpenPage, look: Look
) -> None:
    dashboard = new_page(site, **look.context)
    dashboard.open("?at=2026-06-19T06:00:00Z", state="replay")
    dashboard.settle()
    assert violations(dashboard) == []
    site.front.fault = "database-unavailable"
    dashboard.page.locator("#live").click()
    dashboard.wait("unavailable")
    assert violations(dashboard) == []


def test_every_control_is_reached_by_tab_and_shows_it(dashboard: Dashboard) -> None:
    dashboard.open()
    seen: dict[str, bool] = {}
    for _ in range(40):
        dashboard.page.keyboard.press("Tab")
        name, visible = dashboard.page.evaluate(FOCUSED)
        # A date has a stop for each of its parts.
        seen[name] = visible or seen.get(name, False)
    seen.pop("", None)
    assert [name for name, visible in seen.items() if not visible] == []
    assert {"symbol", "expiry", "time", "columns"} <= set(seen)
    names = list(seen)
    assert names.index("symbol") < names.index("expiry") < names.index("time")


def test_a_symbol_and_a_column_are_chosen_by_keyboard_alone(dashboard: Dashboard) -> None:
    dashboard.open()
    page = dashboard.page
    page.locator("#symbol").focus()
    page.keyboard.press("B")
    dashboard.until("location.search.includes('BANKNIFTY')")
    dashboard.settle()
    page.locator("#columns").focus()
    page.keyboard.press("Enter")
    box = page.locator("input[name=column][value=vega]")
    expect(box).to_be_visible()
    box.focus()
    page.keyboard.press("Space")
    assert "vega" in {cell.column for cell in dashboard.cells()}
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert page.evaluate(FOCUSED)[0] == "columns"


def test_each_chart_has_a_name_and_its_numbers_in_words(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.settle()
    for chart in CHARTS:
        drawn = dashboard.page.locator(f"#chart-{chart}")
        expect(drawn).to_have_accessible_name(re.compile(r"\w"))
        expect(drawn).to_have_accessible_description(re.compile(r"\d"))


def test_what_is_wrong_is_announced(dashboard: Dashboard) -> None:
    dashboard.open()
    assert dashboard.page.locator("#notice").get_attribute("role") in {"status", "alert"}
