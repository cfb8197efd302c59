"""Symbol, expiry and columns are the user's to choose, and the choice is kept."""

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser import expected
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.server import Server
from tests.browser.test_replay import query_of


def test_another_symbol_is_shown_with_its_own_expiries(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    dashboard.choose_symbol("bank")
    assert expected.differences(server, dashboard.contents(), "BANKNIFTY") == []
    assert query_of(dashboard)["symbol"] == "BANKNIFTY"
    expiries: list[str] = dashboard.page.locator("#expiry option").evaluate_all(
        "options => options.map(option => option.value)"
    )
    assert expiries == server.get("/option-chain/BANKNIFTY/expiry-dates")["expiry_dates"]


def test_another_expiry_is_shown_and_named_in_the_url(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    later = server.get("/option-chain/NIFTY/expiry-dates")["expiry_dates"][1]
    dashboard.page.locator("#expiry").select_option(later)
    dashboard.settle()
    assert expected.differences(server, dashboard.contents(), expiry=later) == []
    assert query_of(dashboard)["expiry"] == later


@pytest.mark.parametrize(
    "query", ["?symbol=NOSUCH", "?expiry=01-Jan-1999", "?at=yesterday", "?symbol=%3Cimg%20src=x%3E"]
)
def test_link_to_what_does_not_exist_shows_no_blank_page(
    server: Server, new_page: OpenPage, query: str
) -> None:
    """It says what is wrong, or shows what there is; nothing of the URL becomes markup."""
    dashboard = new_page(server)
    dashboard.open(query, state=None)
    expect(dashboard.page.locator("body")).not_to_have_attribute("data-state", "loading")
    said = dashboard.notice or dashboard.page.locator("#empty-day-text").inner_text()
    assert dashboard.contents().strikes or said
    assert dashboard.page.locator("img").count() == 0
    if "at=" in query:
        dashboard.page.locator("#live").click()
    dashboard.choose_symbol("BANKNIFTY")
    dashboard.wait_for_state("live")
    assert len(dashboard.contents().strikes) > 50


def test_chosen_columns_are_kept(dashboard: Dashboard) -> None:
    dashboard.open()
    before = dashboard.contents().columns
    dashboard.page.locator("#columns").click()
    dashboard.page.locator("input[name=column][value=vega]").check()
    dashboard.page.locator("input[name=column][value=last_price]").uncheck()
    chosen = dashboard.contents().columns
    assert chosen == (before | {"vega"}) - {"last_price"}
    dashboard.page.reload()
    dashboard.wait_for_state("live")
    assert dashboard.contents().columns == chosen


def test_symbol_with_an_ampersand_is_asked_for_by_its_name(
    empty_server: Server, new_page: OpenPage
) -> None:
    empty_server.recording.session(("15:01:30", "15:02:30"), ("M&M",))
    dashboard = new_page(empty_server)
    dashboard.open(f"?symbol={quote('M&M')}")
    assert expected.differences(empty_server, dashboard.contents(), quote("M&M")) == []
    assert query_of(dashboard)["symbol"] == "M&M"


KEPT = ("window", "theme", "speed", "unit", "volatility", "interval", "columns", "strategy-unit")


@pytest.mark.parametrize("value", ["", "7", "constructor", "\u2026\n"])
def test_what_cannot_have_been_chosen_is_as_if_nothing_was_kept(
    live_page: Dashboard, server: Server, new_page: OpenPage, value: str
) -> None:
    dashboard = new_page(server)
    given = json.dumps({f"option-chain.{name}": value for name in (*KEPT, "key", "alerts")})
    dashboard.page.add_init_script(f"Object.assign(localStorage, {given})")
    dashboard.open("?symbol=NIFTY&panels=contracts,strategy,alerts")
    for name in ("window", "speed", "unit", "volatility"):
        usual = live_page.page.locator(f"#{name}").input_value()
        expect(dashboard.page.locator(f"#{name}")).to_have_value(usual)
    expect(dashboard.page.locator("#contracts-interval")).to_have_value("5m")
    expect(dashboard.page.locator("#theme")).to_have_text("Theme: auto")
    assert dashboard.page.locator("html").get_attribute("data-theme") is None
    shown = dashboard.page.locator("#chart-oi-text").text_content()
    assert shown == live_page.page.locator("#chart-oi-text").text_content()
