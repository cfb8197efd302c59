"""The page of all symbols: found, sorted, chosen, shared; it says what is old or not known."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from local.mongod import Mongod
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import SNAPSHOTS, Indexes
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.settings import SecretStr, Settings
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.http_server import HttpServer
from tests.browser.screens import PHONE, SCREENS, SCREENSHOTS, Screen
from tests.browser.server import Server, over_database
from tests.browser.test_accessibility import violations
from tests.browser.test_export import menu, saved
from tests.support.mongomock_database import AnyDatabase
from tests.support.screened_market import store_days, store_market, symbols_of
from tests.support.snapshots import TICK

SYMBOLS = symbols_of(30)
OLD, NEVER, NO_LOT = "STOCK003", "NEVER", "STOCK004"
TOTAL = len(SYMBOLS) + 1
HOUR = timedelta(hours=1)
DASH = "\u2013"
# The numbers of fields that have no room for them.
CUT_FIELDS = """fields => fields.filter(({clientWidth, scrollWidth}) => scrollWidth > clientWidth)
  .map(({name, value}) => `${name}: ${value}`)"""


@pytest.fixture(scope="module")
def market(mongod: Mongod) -> Iterator[tuple[AnyDatabase, Settings]]:
    """Thirty symbols, one of them old, with 21 days before today; and one without any number."""
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database=f"t{uuid4().hex}", retention_days=3_650
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    days = [date(2026, 6, 18) - timedelta(days=back) for back in range(29)]
    store_days(database, SYMBOLS, [day for day in days if day.weekday() < 5][::-1])
    store_market(database, SYMBOLS, TICK, ticks=70)
    seen = {"$set": {"last_seen_at": TICK - HOUR / 3}}
    database[SNAPSHOTS].update_many({"symbol": OLD}, seen)
    SymbolDays(database).add(TICK - 2 * HOUR, TICK - HOUR)
    SymbolDays(database).add(TICK - HOUR, TICK)
    yield database, settings
    database.client.drop_database(settings.mongodb_database)
    database.client.close()


@pytest.fixture
def server(
    browser: Browser,  # noqa: ARG001  (without one, nothing needs to be served)
    http_server: HttpServer,
    market: tuple[AnyDatabase, Settings],
) -> Server:
    """A server of the market, whose recorder does nothing by itself."""
    database, settings = market
    server = over_database(http_server, database, settings, nse_symbols=(*SYMBOLS, NEVER))
    server.recorder_works = False
    return server


@pytest.fixture
def lots(market: tuple[AnyDatabase, Settings]) -> Iterator[dict[str, int]]:
    """The lot sizes of all symbols but one, known as long as a test runs."""
    snapshots = market[0][SNAPSHOTS]
    known = {symbol: 20 + 35 * (number % 7) for number, symbol in enumerate(SYMBOLS)}
    del known[NO_LOT]
    for symbol, lot in known.items():
        told = {"lot_size": lot, "lot_size_reason": None}
        snapshots.update_many({"symbol": symbol}, {"$set": told})
    yield known
    snapshots.update_many({}, {"$set": {"lot_size": None, "lot_size_reason": "not_read"}})


@pytest.fixture
def screener(server: Server, new_page: OpenPage) -> Dashboard:
    """A page of the market, opened."""
    page = new_page(server)
    page.open("/screener")
    return page


def rows(page: Dashboard) -> Locator:
    return page.page.locator("#screener tbody tr")


def column(page: Dashboard, name: str) -> list[str]:
    return page.page.locator(f'#screener td[data-column="{name}"]').all_inner_texts()


def symbols(page: Dashboard) -> list[str]:
    found: list[str] = rows(page).evaluate_all("rows => rows.map(row => row.dataset.symbol)")
    return found


def head(page: Dashboard, name: str) -> Locator:
    return page.page.get_by_role("columnheader").filter(has_text=name)


def test_every_symbol_is_there(screener: Dashboard) -> None:
    assert sorted(symbols(screener)) == sorted([*SYMBOLS, NEVER])
    expect(screener.page.locator("#count")).to_have_text(
        f"{TOTAL} symbols, 2 old, confirmed 15:02:25 IST"
    )


def test_a_click_sorts_and_another_one_turns_it_round(screener: Dashboard) -> None:
    button = head(screener, "PCR").get_by_role("button", name="PCR", exact=True)
    button.click()
    expect(head(screener, "PCR").first).to_have_attribute("aria-sort", "descending")
    found = column(screener, "pcr_oi")
    known = [float(text) for text in found[:-1]]
    assert known == sorted(known, reverse=True)
    assert found[-1] == DASH
    button.focus()
    screener.page.keyboard.press("Enter")
    expect(head(screener, "PCR").first).to_have_attribute("aria-sort", "ascending")
    assert [float(text) for text in column(screener, "pcr_oi")[:-1]] == sorted(known)
    assert symbols(screener)[-1] == NEVER


def test_search_narrows_down_with_each_letter(screener: Dashboard) -> None:
    search = screener.page.get_by_role("searchbox", name="Search symbols")
    search.press_sequentially("bank")
    assert symbols(screener) == ["BANKNIFTY"]
    expect(screener.page.locator("#count")).to_contain_text(f"1 of {TOTAL} symbols")
    search.fill("")
    assert len(symbols(screener)) == TOTAL


def test_the_address_keeps_what_was_chosen(
    screener: Dashboard, server: Server, new_page: OpenPage
) -> None:
    screener.page.get_by_role("searchbox").fill("stock01")
    head(screener, "IV rank").get_by_role("button").click()
    screener.page.get_by_label("Line").select_option("atm_iv")
    screener.page.locator("#columns").click()
    screener.page.get_by_label("Volume", exact=True).click()
    screener.page.keyboard.press("Escape")
    screener.settle()
    shown, query = symbols(screener), screener.page.url.partition("?")[2]
    other = new_page(server)
    other.open(f"/screener?{query}")
    assert symbols(other) == shown
    assert head(other, "Volume").count() == 0
    assert other.page.get_by_label("Line").input_value() == "atm_iv"
    expect(head(other, "IV rank")).to_have_attribute("aria-sort", "descending")


def test_a_choice_of_kinds_that_no_list_tells_is_not_offered(
    screener: Dashboard, server: Server, new_page: OpenPage
) -> None:
    kind = screener.page.locator("#kind")
    expect(kind).to_be_disabled()
    expect(kind).to_have_attribute("title", "no list tells which are indices")
    linked = new_page(server)
    linked.open("/screener?kind=index")
    expect(linked.page.locator("#kind")).to_be_enabled()
    expect(linked.page.locator("#count")).to_contain_text("no list tells which are indices")
    assert symbols(linked) == []


def test_back_undoes_each_choice_and_a_whole_search(screener: Dashboard) -> None:
    page = screener.page
    button = head(screener, "PCR").get_by_role("button", name="PCR", exact=True)
    button.click()
    search = page.get_by_role("searchbox", name="Search symbols")
    search.press_sequentially("stock01")
    narrowed = symbols(screener)
    search.blur()
    search.press("End")
    search.press_sequentially("2x")
    page.locator("#tier").select_option("BASE")
    assert "tier=BASE" in page.url
    page.go_back()
    expect(page.locator("#tier")).to_have_value("")
    expect(search).to_have_value("stock012x")
    assert symbols(screener) == []
    page.go_back()
    expect(search).to_have_value("stock01")
    assert symbols(screener) == narrowed
    page.go_back()
    expect(search).to_have_value("")
    assert len(symbols(screener)) == TOTAL > len(narrowed) > 1
    expect(head(screener, "PCR").first).to_have_attribute("aria-sort", "descending")
    page.go_back()
    expect(head(screener, "PCR").first).not_to_have_attribute("aria-sort", "descending")
    page.go_forward()
    expect(head(screener, "PCR").first).to_have_attribute("aria-sort", "descending")


def test_old_numbers_are_grey_and_missing_ones_have_a_reason(screener: Dashboard) -> None:
    old = screener.page.locator(f'tr[data-symbol="{OLD}"]')
    expect(old).to_have_class("old")
    expect(old.locator("small")).to_have_text("old: 14:42:25 IST")
    never = screener.page.locator(f'tr[data-symbol="{NEVER}"] td[data-column="pcr_oi"]')
    expect(never).to_have_text(DASH)
    expect(never).to_have_attribute("title", "nothing of this symbol is recorded")


def test_news_is_shown_and_without_any_only_a_304_comes(
    screener: Dashboard, server: Server, market: tuple[AnyDatabase, Settings]
) -> None:
    before = len(server.proxy.requests_to("/screener"))
    screener.advance(6)
    polls = server.proxy.requests_to("/screener")[before:]
    assert [each.status for each in polls] == [304]
    key = {"symbol": "NIFTY", "fetched_at": TICK}
    news = {"analytics.max_pain": 12_345.0, "content_hash": "news"}
    header = market[0][SNAPSHOTS].find_one(key)
    market[0][SNAPSHOTS].update_many(key, {"$set": news})
    screener.advance(6)
    cell = screener.page.locator('tr[data-symbol="NIFTY"] td[data-column="max_pain"]')
    expect(cell).to_have_text("12,345")
    assert header is not None
    old = {
        "analytics.max_pain": header["analytics"]["max_pain"],
        "content_hash": header["content_hash"],
    }
    market[0][SNAPSHOTS].update_many(key, {"$set": old})


def test_each_symbol_leads_to_its_chain(screener: Dashboard, server: Server) -> None:
    link = screener.page.get_by_role("link", name="NIFTY", exact=True)
    assert link.evaluate("link => link.href") == f"{server.url}/dashboard?symbol=NIFTY"
    with_line = screener.page.locator('tr[data-symbol="NIFTY"] svg')
    assert with_line.get_attribute("aria-label")


def test_an_api_that_is_away_is_said_and_numbers_stay(screener: Dashboard, server: Server) -> None:
    spot = screener.page.locator('tr[data-symbol="NIFTY"] td[data-column="underlying_value"]')
    colour = "cell => getComputedStyle(cell).color"
    fresh = spot.evaluate(colour)
    server.proxy.problem = "database-unavailable"
    screener.advance(6)
    screener.wait_for_state("unavailable")
    confirmed = str(screener.page.locator("#count").text_content()).split("confirmed ")[1]
    assert f"is of {confirmed}." in screener.notice
    assert len(symbols(screener)) == TOTAL
    assert spot.evaluate(colour) != fresh
    server.proxy.problem = None
    screener.advance(70)
    screener.wait_for_state("live")
    assert screener.notice == ""


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious(server: Server, new_page: OpenPage, screen: Screen) -> None:
    page = new_page(server, **screen.context)
    page.open("/screener?sort=-iv_rank")
    page.page.locator("#columns").click()
    page.page.clock.resume()
    found = Axe().run(page.page).response["violations"]
    serious = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], each["nodes"][0]["target"]) for each in serious] == []
    page.page.screenshot(path=SCREENSHOTS / f"screener-{screen.name}.png")


def test_a_phone_scrolls_the_table_and_not_the_page(server: Server, new_page: OpenPage) -> None:
    page = new_page(server, **PHONE.context)
    page.open("/screener")
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert page.page.evaluate(wide) == 0
    scroller = page.page.locator("#table-scroller")
    assert scroller.evaluate("each => each.scrollWidth > each.clientWidth")
    scroller.evaluate("each => each.scrollLeft = 300")
    name = page.page.locator("#screener tbody th").first
    box = name.bounding_box()
    assert box is not None
    assert box["x"] < 20


def test_each_choice_stands_beside_its_name_on_a_phone(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server, **PHONE.context)
    dashboard.open("/screener")
    for name in ("kind", "tier", "spark"):
        label = dashboard.page.locator(f"label[for={name}]").bounding_box()
        choice = dashboard.page.locator(f"#{name}").bounding_box()
        assert label is not None
        assert choice is not None
        assert choice["y"] <= label["y"] + label["height"] / 2 <= choice["y"] + choice["height"]
        assert 0 < choice["x"] - label["x"] - label["width"] < 12
        assert choice["width"] > 60


def exact(page: Dashboard, name: str) -> dict[str, tuple[float, str]]:
    """Return the numbers of a column by symbol, and what they count, by the notes of its cells."""
    cells = page.page.locator(f'#screener td[data-column="{name}"]')
    found = cells.evaluate_all(
        "all => all.map(each => [each.closest('tr').dataset.symbol, each.title])"
    )
    notes = {symbol: title.partition(" ") for symbol, title in found if title[:1].isdigit()}
    return {symbol: (float(n.replace(",", "")), what) for symbol, (n, _, what) in notes.items()}


@pytest.mark.parametrize("unit", ["quantity", "rupees"])
def test_open_interest_and_volume_are_in_the_chosen_unit(
    lots: dict[str, int], server: Server, new_page: OpenPage, unit: str
) -> None:
    page = new_page(server)
    page.open("/screener?sort=-open_interest")
    in_lots = symbols(page)
    expect(head(page, "OI (lots)")).to_have_count(1)
    page.page.locator("#unit").select_option(unit)
    counted = {"quantity": "units of the underlying", "rupees": "rupees"}[unit]
    short = {"quantity": "qty", "rupees": "₹"}[unit]
    records = server.get("/screener")["records"]
    for _ in range(2):
        for name, label in (("open_interest", "OI"), ("volume", "Volume")):
            title = head(page, f"{label} ({short})").get_attribute("title")
            assert str(title).endswith(f", {counted}")
            wanted = {
                row["symbol"]: row[name]
                * row["lot_size"]
                * (row["reference_price"] if unit == "rupees" else 1)
                for row in records
                if row["lot_size"]
            }
            found = exact(page, name)
            assert wanted.keys() == found.keys() == lots.keys()
            assert {what for _, what in found.values()} == {counted}
            for symbol, (number, _) in found.items():
                assert number == pytest.approx(wanted[symbol], abs=0.51)
        page.page.reload()
        page.wait_for_state("live")
        page.settle()
    # In order of what is shown; one in lots would stand among numbers of another unit.
    numbers = {symbol: number for symbol, (number, _) in exact(page, "open_interest").items()}
    assert symbols(page) != in_lots
    assert symbols(page) == [*sorted(lots, key=lambda each: -numbers[each]), NEVER, NO_LOT]
    cell = page.page.locator(f'tr[data-symbol="{NO_LOT}"] td[data-column="open_interest"]')
    expect(cell).to_have_text(DASH)
    why = "the lot size is not known: no list of contracts that states it was read"
    expect(cell).to_have_attribute("title", why)


def test_where_no_lot_size_is_known_the_table_stays_in_lots(
    server: Server, new_page: OpenPage
) -> None:
    page = new_page(server)
    page.page.add_init_script("localStorage.setItem('option-chain.unit', 'rupees')")
    page.open("/screener")
    picker = page.page.locator("#unit")
    expect(picker).to_have_value("lots")
    expect(picker).to_have_attribute(
        "title", "the lot size is not known: no list of contracts that states it was read"
    )
    assert picker.locator("option:disabled").count() == 2
    expect(head(page, "OI (lots)")).to_have_count(1)
    assert len(exact(page, "open_interest")) == len(SYMBOLS)


def field(page: Dashboard, name: str) -> Locator:
    """Return a field of the panel of filters, which is opened."""
    button = page.page.locator("#numbers")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return page.page.get_by_role("spinbutton", name=name, exact=True)


def bound(page: Dashboard, name: str, value: float | str) -> None:
    found = field(page, name)
    found.fill(str(value))
    found.press("Enter")


def chips(page: Dashboard) -> list[str]:
    return page.page.locator("#bound-list button").all_inner_texts()


def left_out(page: Dashboard) -> str:
    return page.page.locator("#left-out").inner_text()


def middle(server: Server, name: str) -> float:
    """Return the median of a number of all symbols, rounded."""
    records = server.get("/screener")["records"]
    known = sorted(row[name] for row in records if row[name] is not None)
    return float(round(known[len(known) // 2], 2))


def found(server: Server, **query: str) -> list[str]:
    """Return the symbols that the API finds."""
    return [row["symbol"] for row in server.get("/screener", **query)["records"]]


def test_rows_are_those_that_the_api_finds_within_the_same_bounds(
    screener: Dashboard, server: Server
) -> None:
    least, most = middle(server, "iv_percentile"), middle(server, "pcr_oi")
    bound(screener, "IV pctl at least", least)
    bound(screener, "PCR at most", most)
    query = {"min_iv_percentile": str(least), "max_pcr_oi": str(most)}
    assert symbols(screener) == found(server, **query)
    assert 1 < len(symbols(screener)) < TOTAL / 2
    assert chips(screener) == [f"PCR ≤ {most:g}", f"IV pctl ≥ {least:g}"]
    expect(screener.page.locator("#count")).to_contain_text(f" of {TOTAL} symbols")
    for name, value in query.items():
        assert f"{name}={float(value):g}" in screener.page.url


def test_row_without_a_number_is_left_out_and_counted(screener: Dashboard) -> None:
    bound(screener, "IV pctl at least", 0)
    assert NEVER not in symbols(screener)
    assert len(symbols(screener)) == TOTAL - 1
    assert left_out(screener) == "1 left out: IV pctl not known"
    bound(screener, "PCR at most", 1_000)
    assert left_out(screener) == "1 left out: PCR or IV pctl not known"
    # Without a number of its own it is no row that another filter left out.
    screener.page.locator("#search").fill("stock")
    assert left_out(screener) == ""
    assert OLD in symbols(screener)


def test_link_keeps_filters_and_back_undoes_each(
    screener: Dashboard, server: Server, new_page: OpenPage
) -> None:
    least, most = middle(server, "atm_iv"), middle(server, "pcr_oi")
    bound(screener, "ATM IV at least", least)
    narrowed = symbols(screener)
    bound(screener, "PCR at most", most)
    other = new_page(server)
    other.open(f"/screener?{screener.page.url.partition('?')[2]}")
    assert symbols(other) == symbols(screener) != narrowed
    assert chips(other) == chips(screener)
    expect(field(other, "ATM IV at least")).to_have_value(f"{least:g}")
    screener.page.go_back()
    expect(screener.page.locator("#bound-list button")).to_have_count(1)
    assert symbols(screener) == narrowed
    expect(field(screener, "PCR at most")).to_have_value("")
    screener.page.go_back()
    expect(screener.page.locator("#bounds")).to_be_hidden()
    assert len(symbols(screener)) == TOTAL


@pytest.mark.parametrize("text", ["many", "1e999", "5:rupees", "5:lots:lots", "NaN"])
def test_a_filter_of_the_link_that_is_not_understood_is_told(
    server: Server, new_page: OpenPage, text: str
) -> None:
    page = new_page(server)
    page.open(f"/screener?min_pcr_oi={text}&max_iv_rnk=5&max_iv_rank=")
    assert len(symbols(page)) == TOTAL
    told = f"Not understood in the link: min_pcr_oi={text}, max_iv_rnk=5"
    expect(page.page.locator("#left-out")).to_have_text(told)
    assert chips(page) == []
    expect(page.page.get_by_role("button", name="Clear")).to_be_hidden()
    page.page.get_by_role("searchbox").fill(SYMBOLS[0])
    expect(page.page.locator("#bounds")).to_be_hidden()
    assert "min_" not in page.page.url


def test_a_choice_of_the_link_that_is_not_there_is_told(server: Server, new_page: OpenPage) -> None:
    page = new_page(server)
    asked = "kind=stocks, spark=vix, sort=-ivrank, columns=symbol,volum"
    page.open(f"/screener?{asked.replace(', ', '&')}&min_pcr_oi=0")
    assert len(symbols(page)) > 0
    expect(page.page.locator("#left-out")).to_contain_text(f"Not understood in the link: {asked}")
    assert len(chips(page)) == 1


def test_filter_stays_in_its_unit(lots: dict[str, int], server: Server, new_page: OpenPage) -> None:
    page = new_page(server)
    page.open("/screener")
    page.page.locator("#unit").select_option("rupees")
    values = sorted(number for number, _ in exact(page, "open_interest").values())
    least = round(values[len(values) // 2])
    bound(page, "OI at least", least)
    narrowed = symbols(page)
    assert len(narrowed) == sum(value >= least for value in values)
    assert 1 < len(narrowed) < len(lots)
    (text,) = chips(page)
    assert re.fullmatch(r"OI ≥ ₹[\d,]+", text)
    assert int(re.sub(r"\D", "", text)) == least
    # Nobody knows what these are worth.
    assert left_out(page) == "2 left out: OI not known"
    assert not {NEVER, NO_LOT} & set(narrowed)
    page.page.locator("#unit").select_option("lots")
    assert (symbols(page), chips(page)) == (narrowed, [text])
    expect(field(page, "OI at least").locator("xpath=..")).to_contain_text("rupees")
    expect(field(page, "OI at most").locator("xpath=..")).to_contain_text("lots")
    page.page.keyboard.press("Escape")
    other = new_page(server)
    other.open(f"/screener?{page.page.url.partition('?')[2]}")
    assert (symbols(other), chips(other)) == (narrowed, [text])


def test_filters_in_lots_are_those_of_the_api(
    lots: dict[str, int], server: Server, new_page: OpenPage
) -> None:
    assert lots
    query = {"min_open_interest": str(middle(server, "open_interest"))}
    page = new_page(server)
    page.open(f"/screener?unit=quantity&min_open_interest={query['min_open_interest']}")
    assert symbols(page) == found(server, **query)
    assert chips(page)[0].endswith(" lots")


def test_filters_are_taken_away_by_keyboard(screener: Dashboard, server: Server) -> None:
    page = screener.page
    bound(screener, "PCR at most", middle(server, "pcr_oi"))
    bound(screener, "ATM IV at least", middle(server, "atm_iv"))
    page.keyboard.press("Escape")
    expect(page.locator("#numbers")).to_be_focused()
    first, _ = page.locator("#bound-list button").all()
    expect(first).to_have_accessible_name(re.compile("^Remove PCR ≤ "))
    first.press("Enter")
    expect(page.locator("#bound-list button")).to_be_focused()
    assert len(chips(screener)) == 1
    page.keyboard.press("Enter")
    expect(page.locator("#numbers")).to_be_focused()
    assert len(symbols(screener)) == TOTAL
    bound(screener, "IV rank at least", 50)
    page.keyboard.press("Escape")
    page.locator("#clear-bounds").press("Enter")
    expect(page.locator("#numbers")).to_be_focused()
    assert len(symbols(screener)) == TOTAL


@pytest.mark.usefixtures("lots")
@pytest.mark.parametrize("width", [390, 640, 1280])
def test_large_number_is_whole_in_its_field(server: Server, new_page: OpenPage, width: int) -> None:
    page = new_page(server, viewport={"width": width, "height": 800})
    for unit in ("lots", "quantity", "rupees"):
        page.open(f"/screener?unit={unit}")
        for name in ("OI at least", "OI at most"):
            bound(page, name, 1_000_000_000_000)
        page.page.screenshot(path=SCREENSHOTS / f"screener-bounds-{unit}-{width}.png")
        expect(page.page.locator("#number-panel small").first).to_have_text(unit)
        fields = page.page.locator("#number-panel input")
        assert fields.evaluate_all(CUT_FIELDS) == []
        panel = page.page.locator("#number-panel")
        assert panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") == 0


def test_what_is_no_number_changes_nothing(screener: Dashboard) -> None:
    bound(screener, "PCR at most", 1)
    narrowed = symbols(screener)
    typed = field(screener, "PCR at most")
    typed.press("End")
    typed.press_sequentially("e")
    typed.press("Enter")
    assert symbols(screener) == narrowed
    assert chips(screener) == ["PCR ≤ 1"]
    expect(typed).to_have_value("1")
    bound(screener, "PCR at most", "")
    assert len(symbols(screener)) == TOTAL


def test_export_has_the_rows_that_are_shown(screener: Dashboard, server: Server) -> None:
    bound(screener, "PCR at most", middle(server, "pcr_oi"))
    screener.page.keyboard.press("Escape")
    name, content = saved(screener, menu(screener, "the table").get_by_role("button", name="CSV"))
    assert name == f"19 Jun 2026 15-02-25 IST, {chips(screener)[0]} Screener.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [row["Symbol"] for row in rows] == symbols(screener)
    records: dict[str, dict[str, Any]] = {
        row["symbol"]: row for row in server.get("/screener")["records"]
    }
    for row in rows:
        record = records[row["Symbol"]]
        assert float(row["PCR"]) == record["pcr_oi"]
        assert float(row["OI (lots)"]) == record["open_interest"]
        assert row["Confirmed (IST)"].endswith("+05:30")
    (old,) = [row["Confirmed (IST)"] for row in rows if row["Symbol"] == OLD] or ["T14:42:25"]
    assert "T14:42:25" in old


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious_in_the_filters(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    page = new_page(server, **screen.context)
    page.open("/screener?min_iv_percentile=20&max_pcr_oi=1.2&min_open_interest=100")
    page.page.locator("#numbers").click()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.page.screenshot(path=SCREENSHOTS / f"screener-filters-{screen.name}.png")
    assert violations(page) == []
    if screen.width == PHONE.width:
        assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
