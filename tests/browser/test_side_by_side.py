"""Several chains side by side: chosen by search, moved, closed, kept in the address."""

from itertools import pairwise
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso
from tests.browser.screens import LOW, LYING_PHONE, MIDDLE_STRIKES, PHONE_DARK, WIDE
from tests.browser.server import Server
from tests.browser.test_accessibility import violations

BOTH = ("NIFTY", "BANKNIFTY")
FIGURES = ("underlying_value", "pcr_oi", "max_pain", "atm_iv", "straddle_price")


def opened(server: Server, new_page: OpenPage, query: str = "", **context: object) -> Dashboard:
    dashboard = new_page(server, **context)
    dashboard.page.goto(f"{server.url}/dashboard/side-by-side{query}")
    dashboard.wait_for_state("live")
    dashboard.settle()
    return dashboard


def views(page: Page) -> list[str]:
    """Return the symbols that are shown, in their order."""
    found: list[str] = page.locator("section.view").evaluate_all(
        "views => views.map(view => view.dataset.symbol)"
    )
    return found


def view(page: Page, symbol: str) -> Locator:
    return page.locator(f'section.view[data-symbol="{symbol}"]')


def kept(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["views"][0]


def test_each_chain_has_the_numbers_of_the_api(server: Server, new_page: OpenPage) -> None:
    page = opened(server, new_page).page
    assert views(page) == list(BOTH)
    for symbol in views(page):
        chain = server.get(f"/option-chain/{symbol}", layout="rows", greeks="true")
        analytics = server.get(f"/option-chain/{symbol}/analytics")
        own = view(page, symbol)
        expect(own).to_have_attribute("data-timestamp", chain["timestamp"])
        for name in FIGURES:
            number = own.locator(f'[data-figure="{name}"] dd').get_attribute("data-value")
            source = chain if name == "underlying_value" else analytics
            assert float(number or "nan") == source[name]
        for row in chain["rows"]:
            for side in ("call", "put"):
                cell = own.locator(
                    f'tr[data-strike="{row["strike_price"]:g}"] td[data-side="{side}"]'
                    '[data-column="last_price"]'
                )
                expect_value(cell, (row[side] or {}).get("last_price"))
            if row["strike_price"] > chain["rows"][8]["strike_price"]:
                break


def expect_value(cell: Locator, value: float | None) -> None:
    text = cell.get_attribute("data-value")
    assert (float(text) if text else None) == value


def test_symbol_is_added_by_a_part_of_its_name(server: Server, new_page: OpenPage) -> None:
    dashboard = opened(server, new_page, "?views=NIFTY")
    page = dashboard.page
    search = page.locator("#add-symbol")
    search.fill("bank")
    search.press("Enter")
    dashboard.settle()
    assert views(page) == ["NIFTY", "BANKNIFTY"]
    assert kept(page) == "NIFTY,BANKNIFTY"
    expect(view(page, "BANKNIFTY").locator("tbody tr").first).to_be_attached()
    search.fill("nosuch")
    search.press("Enter")
    assert views(page) == ["NIFTY", "BANKNIFTY"]


def test_two_expiries_of_one_symbol_and_back_undoes(server: Server, new_page: OpenPage) -> None:
    expiries = server.get("/option-chain/NIFTY/expiry-dates")["expiry_dates"]
    dashboard = opened(server, new_page, f"?views=NIFTY,NIFTY:{quote(expiries[1])}")
    page = dashboard.page
    pickers = page.locator("section.view select")
    assert [pickers.nth(index).input_value() for index in range(2)] == expiries[:2]
    pickers.nth(0).select_option(expiries[1])
    dashboard.settle()
    assert kept(page) == f"NIFTY:{expiries[1]},NIFTY:{expiries[1]}"
    page.go_back()
    dashboard.settle()
    assert pickers.nth(0).input_value() == expiries[0]


def test_chains_are_moved_and_closed(server: Server, new_page: OpenPage) -> None:
    dashboard = opened(server, new_page)
    page = dashboard.page
    page.get_by_role("button", name="Move BANKNIFTY to the left").click()
    dashboard.settle()
    assert views(page) == ["BANKNIFTY", "NIFTY"]
    page.get_by_role("button", name="Close BANKNIFTY").click()
    dashboard.settle()
    assert views(page) == ["NIFTY"]
    assert kept(page) == "NIFTY"


def test_keyboard_keeps_its_place_when_chains_move_change_and_close(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = opened(server, new_page, "?views=NIFTY,BANKNIFTY")
    page = dashboard.page
    left = page.get_by_role("button", name="Move BANKNIFTY to the left")
    scroller = view(page, "BANKNIFTY").locator(".scroller")
    before = scroller.evaluate("each => each.scrollTop")
    assert before > 0
    left.press("Enter")
    dashboard.settle()
    expect(left).to_be_focused()
    assert scroller.evaluate("each => each.scrollTop") == before
    picker = page.get_by_role("combobox", name="Expiry of BANKNIFTY")
    picker.focus()
    picker.press("ArrowDown")
    dashboard.settle()
    expect(picker).to_be_focused()
    chosen = picker.input_value()
    assert kept(page) == f"BANKNIFTY:{chosen},NIFTY"
    expect(view(page, "BANKNIFTY").locator("tbody tr").first).to_be_attached()
    page.get_by_role("button", name="Close BANKNIFTY").press("Enter")
    expect(page.get_by_role("button", name="Close NIFTY")).to_be_focused()
    page.get_by_role("button", name="Close NIFTY").press("Enter")
    expect(page.locator("#add-symbol")).to_be_focused()
    assert page.title() == "Side by side: NSE options"


def test_no_screen_reader_tells_the_age_each_second(server: Server, new_page: OpenPage) -> None:
    page = opened(server, new_page, "?views=NIFTY,NOSUCH").page
    expect(view(page, "NIFTY").locator(".view-note")).to_have_attribute("aria-live", "off")
    expect(view(page, "NOSUCH").locator(".view-note")).to_have_attribute("aria-live", "polite")
    numbers = view(page, "NOSUCH").locator("dd[data-value]")
    assert set(numbers.evaluate_all("all => all.map(each => each.dataset.value)")) == {""}


def test_enter_in_the_empty_field_of_symbols_is_no_mistake(
    server: Server, new_page: OpenPage
) -> None:
    page = opened(server, new_page, "?views=NIFTY").page
    page.locator("#add-symbol").press("Enter")
    assert page.locator("#add-symbol:invalid").count() == 0
    assert views(page) == ["NIFTY"]


def test_six_are_shown_and_no_more(server: Server, new_page: OpenPage) -> None:
    dashboard = opened(server, new_page, "?views=" + ",".join(["NIFTY"] * 9))
    assert views(dashboard.page) == ["NIFTY"] * 6
    expect(dashboard.page.locator("#add-symbol")).to_be_disabled()


# The edges of each view, as lines of the screen: left, top, right, bottom.
EDGES = """() => [...document.querySelectorAll('section.view')]
  .map(view => view.getBoundingClientRect())
  .map(({left, top, right, bottom}) => [left, top, right, bottom].map(Math.round))"""


@pytest.mark.parametrize("width", [700, 1280, 1440, 1920, 2560])
def test_chains_of_any_number_fill_the_screen(
    server: Server, new_page: OpenPage, width: int
) -> None:
    page = new_page(server, viewport={"width": width, "height": 1000}).page
    for number in range(1, 7):
        names = ",".join(["NIFTY"] * number)
        page.goto(f"{server.url}/dashboard/side-by-side?views={names}")
        expect(page.locator("section.view")).to_have_count(number)
        boxes: list[list[int]] = page.evaluate(EDGES)
        lines = [[box for box in boxes if box[1] == top] for top in sorted({b[1] for b in boxes})]
        assert [box for line in lines for box in line] == boxes
        for line in lines:
            assert line[0][0] <= 8
            assert line[-1][2] >= width - 8
            assert all(after[0] - before[2] <= 9 for before, after in pairwise(line))
            assert len({bottom for *_, bottom in line}) == 1
        assert all(after[0][1] - before[0][3] <= 9 for before, after in pairwise(lines))
        lengths = [len(line) for line in lines]
        assert max(lengths) - min(lengths) <= 1
        assert min(right - left for left, _, right, _ in boxes) >= 330
        if width >= 1100:  # otherwise the page scrolls
            assert 0 <= 1000 - lines[-1][0][3] <= 9


# Whether each view has the strike at the money in sight, and how high its chain is.
AT_THE_MONEY = """() => [...document.querySelectorAll('section.view')].map(view => {
  const box = view.querySelector('.scroller').getBoundingClientRect();
  const row = view.querySelector('tr.atm').getBoundingClientRect();
  return [row.top >= box.top && row.bottom <= box.bottom, box.height];
})"""


def test_the_strike_at_the_money_stays_where_chains_are_added(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = opened(server, new_page, "?views=NIFTY", **WIDE.context)
    ((is_seen, height),) = dashboard.page.evaluate(AT_THE_MONEY)
    assert is_seen
    for number in range(2, 7):
        dashboard.page.locator("#add-symbol").fill("BANKNIFTY")
        dashboard.page.locator("#add-symbol").press("Enter")
        expect(dashboard.page.locator("section.view tr.atm")).to_have_count(number)
        dashboard.settle()
        dashboard.page.screenshot()  # after a frame the boxes have their heights
    found = dashboard.page.evaluate(AT_THE_MONEY)
    assert found[0][1] < height
    assert [is_seen for is_seen, _ in found] == [True] * 6


def test_strikes_in_the_middle_stay_there_where_the_screen_becomes_another(
    server: Server, new_page: OpenPage
) -> None:
    names = ",".join(BOTH * 3)
    dashboard = opened(server, new_page, f"?views={names}", **PHONE_DARK.context)
    page = dashboard.page
    page.locator("section.view .scroller").nth(1).evaluate("box => { box.scrollTop += 400; }")
    page.screenshot()  # in a frame the page hears of it
    middles = page.evaluate(MIDDLE_STRIKES)
    assert len(set(middles)) == 3
    for screen in (LYING_PHONE, LOW, WIDE, PHONE_DARK):
        page.set_viewport_size({"width": screen.width, "height": screen.height})
        page.screenshot()  # after a frame the boxes have their heights
        assert page.evaluate(MIDDLE_STRIKES) == middles


def test_unknown_symbol_says_so_and_leaves_the_others(server: Server, new_page: OpenPage) -> None:
    page = opened(server, new_page, "?views=NOSUCH,NIFTY").page
    expect(view(page, "NOSUCH").locator(".view-note")).to_contain_text("NOSUCH")
    assert view(page, "NOSUCH").locator("tbody tr").count() == 0
    assert view(page, "NIFTY").locator("tbody tr").count() > 50


def test_new_snapshot_is_shown_where_it_belongs(server: Server, new_page: OpenPage) -> None:
    dashboard = opened(server, new_page)
    before = view(dashboard.page, "NIFTY").get_attribute("data-timestamp")
    server.bring_news("BANKNIFTY")
    dashboard.hide()
    dashboard.show()
    expect(view(dashboard.page, "BANKNIFTY")).to_have_attribute(
        "data-timestamp", iso(server.clock.now)
    )
    expect(view(dashboard.page, "NIFTY")).to_have_attribute("data-timestamp", str(before))


NIFTYS_CHAIN = "**/option-chain/NIFTY?*"


def test_a_chain_that_hangs_holds_no_other(server: Server, new_page: OpenPage) -> None:
    dashboard = opened(server, new_page)
    held = dashboard.hold(NIFTYS_CHAIN)
    for _ in range(3):
        server.bring_news("BANKNIFTY")
        dashboard.page.clock.run_for(5_000)
        expect(view(dashboard.page, "BANKNIFTY")).to_have_attribute(
            "data-timestamp", iso(server.clock.now)
        )
    assert len(held) == 1


def test_a_chain_that_fails_says_so_and_leaves_the_others(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = opened(server, new_page)
    page = dashboard.page
    page.route(NIFTYS_CHAIN, lambda route: route.abort())
    page.clock.run_for(5_000)
    dashboard.wait_for_state("unavailable")
    expect(page.locator("#notice")).to_have_text("NIFTY: The API cannot be reached.")
    note = view(page, "NIFTY").locator(".view-note")
    expect(note).to_contain_text("The API cannot be reached. ")
    expect(note).to_contain_text(" IST, confirmed ")
    server.bring_news("BANKNIFTY")
    page.clock.run_for(5_000)
    expect(view(page, "BANKNIFTY")).to_have_attribute("data-timestamp", iso(server.clock.now))
    expect(view(page, "BANKNIFTY").locator(".view-note")).not_to_contain_text("reached")
    page.unroute(NIFTYS_CHAIN)
    page.clock.run_for(20_000)
    dashboard.wait_for_state("live")
    expect(page.locator("#notice")).to_have_text("")
    expect(note).not_to_contain_text("reached")


def test_without_a_server_all_chains_say_so_once(server: Server, new_page: OpenPage) -> None:
    dashboard = opened(server, new_page)
    dashboard.page.route("**/option-chain/**", lambda route: route.abort())
    dashboard.page.clock.run_for(5_000)
    notes = dashboard.page.locator(".view.unanswered .view-note")
    expect(notes).to_have_count(2)
    expect(dashboard.page.locator("#notice")).to_have_text("The API cannot be reached.")


def test_a_chain_that_is_closed_is_not_asked_for_again(server: Server, new_page: OpenPage) -> None:
    dashboard = opened(server, new_page)
    dashboard.page.get_by_role("button", name="Close NIFTY").click()
    dashboard.settle()
    before = [len(server.proxy.requests_to(f"/option-chain/{each}")) for each in BOTH]
    for _ in range(3):
        dashboard.page.clock.run_for(5_000)
        dashboard.hide()
        dashboard.show()
        dashboard.settle()
    after = [len(server.proxy.requests_to(f"/option-chain/{each}")) for each in BOTH]
    assert after[0] == before[0]
    assert after[1] > before[1]


def test_a_second_refusal_leaves_the_key_that_is_typed(server: Server, new_page: OpenPage) -> None:
    server.proxy.key = "a-key-of-the-tests-0123456789"
    dashboard = new_page(server)
    held = dashboard.hold(NIFTYS_CHAIN)
    dashboard.page.goto(f"{server.url}/dashboard/side-by-side")
    dashboard.wait_for_state("key")
    key = dashboard.page.locator("#key-dialog input#key")
    key.fill(server.proxy.key)
    held.pop().continue_()
    dashboard.settle()
    expect(key).to_have_value(server.proxy.key)
    dashboard.page.unroute(NIFTYS_CHAIN)
    key.press("Enter")
    dashboard.wait_for_state("live")
    expect(dashboard.page.locator("section.view tr.atm")).to_have_count(2)


def test_axe_finds_nothing_serious_beside(server: Server, new_page: OpenPage) -> None:
    for screen in (WIDE, PHONE_DARK):
        dashboard = opened(server, new_page, **screen.context)
        assert violations(dashboard) == []


def test_page_fits_on_a_phone(server: Server, new_page: OpenPage) -> None:
    page = opened(server, new_page, **PHONE_DARK.context).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
