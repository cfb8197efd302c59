"""The panels beside the chain: opened and closed, kept in the link, fed with every snapshot."""

import re
from collections.abc import Iterable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso
from tests.browser.screens import SCREENS, Screen
from tests.browser.server import Server
from tests.browser.test_accessibility import violations
from tests.browser.test_replay import query_of

# Every panel that there is, by the names of the page's address.
PANELS = ("contracts", "strategy", "levels", "heat", "gamma", "volatility", "alerts")


def panel(dashboard: Dashboard, name: str) -> Locator:
    """Return a panel that is open, once it is loaded."""
    return dashboard.page.locator(f'section.panel[data-panel="{name}"][data-loaded]')


def open_panels(dashboard: Dashboard, names: Iterable[str] = PANELS) -> None:
    """Open the page with panels, and wait until they are loaded."""
    dashboard.open(f"?panels={','.join(names)}")
    for name in names:
        expect(panel(dashboard, name)).to_be_visible()


def press(dashboard: Dashboard, label: str) -> None:
    dashboard.page.locator("#panel-buttons").get_by_role("button", name=label).click()


def test_every_panel_has_a_button(dashboard: Dashboard) -> None:
    open_panels(dashboard)
    buttons = dashboard.page.locator("#panel-buttons button")
    assert buttons.count() == len(PANELS)
    expect(dashboard.page.locator('#panel-buttons [aria-pressed="false"]')).to_have_count(0)


def test_panel_is_loaded_when_it_is_opened_and_named_in_the_link(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    loaded = [each.path for each in server.proxy.requests_to("/dashboard/")]
    assert not [path for path in loaded if "levels_panel" in path]
    press(dashboard, "Levels")
    expect(panel(dashboard, "levels")).to_be_visible()
    dashboard.settle()
    assert query_of(dashboard)["panels"] == "levels"
    levels = server.get("/option-chain/NIFTY/analytics")
    text = panel(dashboard, "levels").locator(".unseen").inner_text()
    assert f"{levels['max_pain']:,.2f}" in text
    loaded = [each.path for each in server.proxy.requests_to("/dashboard/")]
    assert len([path for path in loaded if "levels_panel" in path]) == 1


def test_link_opens_the_panels_of_its_sender(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server)
    dashboard.open("?panels=nosuch,levels")
    expect(panel(dashboard, "levels")).to_be_visible()
    expect(dashboard.page.locator("section.panel")).to_have_count(1)


def test_panel_shows_each_new_snapshot(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=levels")
    text = panel(dashboard, "levels").locator(".unseen")
    before = text.inner_text()
    server.bring_news("NIFTY")
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_snapshot(iso(server.clock.now))
    expect(text).not_to_have_text(before)
    newest = server.get("/option-chain/NIFTY/analytics/history?metric=max_pain")["records"][-1]
    assert f"{newest['max_pain']:,.2f}" in text.inner_text()


def test_panel_is_closed_by_its_own_button_and_by_the_one_that_opened_it(
    dashboard: Dashboard,
) -> None:
    dashboard.open("?panels=levels")
    panel(dashboard, "levels").get_by_role("button", name="Close Levels").click()
    expect(dashboard.page.locator("section.panel")).to_have_count(0)
    opener = dashboard.page.locator("#panel-buttons").get_by_role("button", name="Levels")
    expect(opener).to_be_focused()
    assert "panels" not in query_of(dashboard)
    press(dashboard, "Levels")
    expect(panel(dashboard, "levels")).to_be_visible()
    press(dashboard, "Levels")
    expect(dashboard.page.locator("section.panel")).to_have_count(0)


def test_back_undoes_a_choice_and_forward_makes_it_again(dashboard: Dashboard) -> None:
    dashboard.open()
    page = dashboard.page
    dashboard.choose_symbol("BANKNIFTY")
    press(dashboard, "Levels")
    dashboard.settle()
    page.go_back()
    expect(page.locator("section.panel")).to_have_count(0)
    page.go_back()
    dashboard.settle()
    expect(page.locator("#chain-title")).to_have_text(re.compile("^NIFTY "))
    expect(page.locator("#symbol")).to_have_value("NIFTY")
    page.go_forward()
    dashboard.settle()
    expect(page.locator("#chain-title")).to_have_text(re.compile("^BANKNIFTY "))


def test_panels_stand_in_the_order_of_their_buttons(dashboard: Dashboard) -> None:
    dashboard.open("?panels=alerts,levels")
    expect(panel(dashboard, "alerts")).to_be_visible()
    press(dashboard, "Contracts")
    names = dashboard.page.locator("section.panel").evaluate_all(
        "panels => panels.map(panel => panel.dataset.panel)"
    )
    assert names == ["contracts", "levels", "alerts"]


def test_panel_that_does_not_load_says_so(dashboard: Dashboard) -> None:
    dashboard.page.route("**/dashboard-levels_panel.js", lambda route: route.fulfill(status=503))
    dashboard.open("?panels=levels")
    expect(dashboard.page.locator(".panel-note")).to_have_text(re.compile("could not be loaded"))


def test_panel_that_is_closed_is_let_go(dashboard: Dashboard) -> None:
    """Neither the document nor the window keeps listening for it."""
    dashboard.page.add_init_script("""(() => {
      window.listening = 0;
      for (const target of [document, window]) {
        const add = target.addEventListener;
        target.addEventListener = function (name, listener, options) {
          window.listening += options?.signal ? 0 : 1;
          return add.call(this, name, listener, options);
        };
        const remove = target.removeEventListener;
        target.removeEventListener = function (...given) {
          window.listening -= 1;
          return remove.apply(this, given);
        };
      }
    })();""")
    dashboard.open()
    before = dashboard.page.evaluate("window.listening")
    for _ in range(3):
        press(dashboard, "Alerts")
        expect(panel(dashboard, "alerts")).to_be_visible()
        press(dashboard, "Alerts")
        expect(dashboard.page.locator("section.panel")).to_have_count(0)
    assert dashboard.page.evaluate("window.listening") == before


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious_in_any_panel(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    open_panels(dashboard)
    dashboard.settle()
    assert violations(dashboard) == []
