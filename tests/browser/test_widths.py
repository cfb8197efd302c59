"""Nothing that is written is cut off, in any font, and an update moves no column."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from optionchain.contract_terms import ContractTerms
from optionchain.snapshot import Quote
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.page_modules import call
from tests.browser.recording import STEP, iso, ist, snapshots
from tests.browser.screens import LARGE, LOW, LYING_PHONE, PHONE, WIDE, WIDER, ZOOMED, Screen
from tests.browser.server import Server

FONTS = ("DejaVu Sans", "Liberation Sans", "Liberation Sans Narrow")
SCREENS = (WIDE, PHONE, LOW, LYING_PHONE, LARGE, ZOOMED)
NEWS = ist("15:02:35")
# What is wider than its box, but for what is there for screen readers alone.
CUT = """cells => cells.filter(({clientWidth, scrollWidth}) =>
  clientWidth > 1 && scrollWidth > clientWidth).map(each => each.outerHTML.slice(0, 200))"""
TEXTS = "h1, h2, h3, p, dt, dd, th, td, figcaption, .unit, .legend, button, label, output, #badge"
# The texts of a bid and of the ask beside it.
GAPS = """rows => rows.flatMap(row => ['call', 'put'].map(side => {
  const [bid, ask] = ['bid_price', 'ask_price'].map(column => {
    const range = document.createRange();
    range.selectNodeContents(
      row.querySelector(`td[data-side=${side}][data-column=${column}]`));
    return range.getBoundingClientRect();
  });
  return ask.left - bid.right;
}))"""
LINES = """note => note.getBoundingClientRect().height
  / Number.parseFloat(getComputedStyle(note).lineHeight)"""
COLUMNS = "row => [...row.cells].map(cell => cell.getBoundingClientRect().left)"
# The usual columns for each room up to a very wide one, in which a column takes 70 pixels a side.
IN_EACH_ROOM = """Array.from({length: 300}, (_, tens) => usualColumns(
  10 * tens, columns => 140 * columns.length, args[0]).map(({name}) => name))"""
# The last ones to go, by whether the chain is compared with an earlier moment.
LAST_TO_GO = {
    False: {"open_interest", "last_price"},
    True: {"open_interest_change", "last_price"},
}
# The edges of a heading of the sides, and of the box in which the chain scrolls.
IN_SIGHT = """([name, box]) => {
  const {left, right} = name.getBoundingClientRect(), outer = box.getBoundingClientRect();
  return left >= outer.left && right <= outer.right;
}"""


def in_font(page: Page, font: str) -> None:
    """Let a page have no other font."""

    def styled(route: Route) -> None:
        sheet = route.fetch()
        every = f"\n*, :root {{ font-family: '{font}' !important; }}"
        route.fulfill(response=sheet, body=sheet.text() + every)

    page.route("**/dashboard.css", styled)


def cut(dashboard: Dashboard, which: str = TEXTS) -> list[str]:
    found: list[str] = dashboard.page.locator(which).evaluate_all(CUT)
    return found


def record(server: Server, change: Callable[[Quote], Quote], times: float = 1) -> None:
    """Record another chain of BANKNIFTY: strikes and spot so many times as high."""
    server.clock.now = NEWS + timedelta(seconds=2)
    chains = [
        replace(
            each,
            exchange_timestamp=NEWS,
            underlying_value=(each.underlying_value or 0) * times,
            quotes=tuple(
                change(quote)._replace(strike_price=round(quote.strike_price * times))
                for quote in each.quotes
            ),
        )
        for each in snapshots("BANKNIFTY", NEWS)
    ]
    facts = SnapshotFacts(terms=ContractTerms(lot_size=30))
    server.recording.store("BANKNIFTY", NEWS, chains, facts=facts)


def dear(quote: Quote) -> Quote:
    """Every other contract costs thousands, the others as little as possible."""
    price = 14_567.85 if quote.strike_price % 200 else 0.05
    return quote._replace(
        last_price=price,
        change=-price / 3,
        bid_price=price,
        ask_price=price + 0.05,
        open_interest=23_456_789.0,
        change_in_oi=-3_456_789.0,
        total_traded_volume=123_456_789.0,
        total_buy_qty=987_654_321.0,
        total_sell_qty=987_654_321.0,
        bid_qty=1_234_567,
        ask_qty=1_234_567,
    )


@pytest.mark.parametrize("font", FONTS)
def test_no_number_of_the_chain_is_cut_off(server: Server, new_page: OpenPage, font: str) -> None:
    record(server, dear, times=1.3)
    dashboard = new_page(server, **WIDE.context)
    in_font(dashboard.page, font)
    dashboard.open("?symbol=BANKNIFTY")
    assert dashboard.contents().strikes[-1] > 70_000
    assert cut(dashboard, "#chain th, #chain td") == []
    dashboard.show_all_columns()
    for unit in ("lots", "quantity", "rupees"):
        dashboard.page.locator("#unit").select_option(unit)
        assert cut(dashboard, "#chain th, #chain td") == []
    assert "14,567.85" in {cell.text for cell in dashboard.contents().cells}
    gaps = dashboard.page.locator("#chain tbody tr").evaluate_all(GAPS)
    assert min(gaps) > 8


@pytest.mark.parametrize(
    ("screen", "font"),
    [(screen, FONTS[0]) for screen in SCREENS] + [(WIDE, font) for font in FONTS[1:]],
    ids=lambda value: getattr(value, "name", value),
)
def test_no_text_is_cut_off_on_any_screen(
    server: Server, new_page: OpenPage, screen: Screen, font: str
) -> None:
    scale = 2 if screen == ZOOMED else 1
    dashboard = new_page(server, device_scale_factor=scale, **screen.context)
    in_font(dashboard.page, font)
    dashboard.open("?symbol=BANKNIFTY&panels=levels")
    assert cut(dashboard) == []
    assert dashboard.page.evaluate("document.documentElement.scrollWidth") <= screen.width


@pytest.mark.parametrize("font", FONTS)
def test_note_of_the_day_takes_two_lines_at_most(
    server: Server, new_page: OpenPage, font: str
) -> None:
    """Where it stands beside the slider."""
    dashboard = new_page(server, **LOW.context)
    in_font(dashboard.page, font)
    dashboard.open()
    note = dashboard.page.locator("#day-note")
    expect(note).to_have_text("In session. The day's numbers are final in the evening.")
    assert note.evaluate(LINES) <= 2
    assert dashboard.page.locator(".player").evaluate("each => each.offsetHeight") < 40
    for bar in (".timeline", ".meaning"):
        wider = "bar => bar.scrollWidth - bar.clientWidth"
        assert dashboard.page.locator(bar).evaluate(wider) == 0


@pytest.mark.parametrize("font", FONTS)
def test_heads_of_changes_since_a_moment_are_whole(
    server: Server, new_page: OpenPage, font: str
) -> None:
    dashboard = new_page(server, **LOW.context)
    in_font(dashboard.page, font)
    dashboard.open("?against=15m")
    assert cut(dashboard, "#chain thead th") == []
    dashboard.page.locator("#pin-moment").click()
    dashboard.settle()
    heads = dashboard.page.locator("#chain thead th").all_inner_texts()
    assert "Chg LTP 15:02" in heads
    assert cut(dashboard, "#chain thead th") == []


@pytest.mark.parametrize("screen", [LOW, PHONE], ids=lambda screen: screen.name)
def test_moment_of_another_day_is_told_with_its_day(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    """Beside a chain of its own day the time is enough."""
    tuesday = ist("10:00:00") - timedelta(days=3)
    server.recording.tick("NIFTY", tuesday)
    dashboard = new_page(server, **screen.context)
    dashboard.open(f"?against={iso(tuesday)}")
    page = dashboard.page
    head = page.locator('#chain thead th[data-name="open_interest_change"]').first
    note, positions = dashboard.tile("call_open_interest"), page.locator("#positions")
    for time in ("16 Jun 10:00", "10:00"):
        expect(head).to_have_text(f"Chg OI {time}")
        expect(note).to_contain_text(f" since {time} IST")
        expect(positions).to_contain_text(f"Fastest OI {time} 1")
        assert cut(dashboard) == []
        assert cut(dashboard, "#chain thead th, #positions th, #positions td") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= screen.width
        page.locator("#day").fill(f"{tuesday:%Y-%m-%d}")
        dashboard.wait_for_snapshot(iso(tuesday))
        dashboard.settle()


@pytest.mark.parametrize("is_compared", [False, True])
def test_wider_chain_lacks_no_usual_column_of_a_narrower_one(
    browser: Browser, is_compared: bool
) -> None:
    page = browser.new_page()
    found = call(page, "chain/columns.js", IN_EACH_ROOM, is_compared)
    page.close()
    sets = [set(names) for names in found]
    assert sets[0] == LAST_TO_GO[is_compared]
    assert len(sets[-1]) == 9
    assert all(narrow <= wide for narrow, wide in pairwise(sets))


@pytest.mark.parametrize("panels", ["", "&panels=heat"])
def test_chain_with_a_window_has_changes_and_prices_on_every_screen(
    server: Server, new_page: OpenPage, panels: str
) -> None:
    dashboard = new_page(server)
    dashboard.open(f"?against=5m{panels}")
    found = {}
    for screen in (PHONE, ZOOMED, LOW, WIDE, WIDER, LARGE):
        dashboard.page.set_viewport_size({"width": screen.width, "height": screen.height})
        dashboard.page.screenshot()  # after a frame the columns are those of this screen
        room = dashboard.page.locator("#chain-scroller").evaluate("box => box.clientWidth")
        found[room] = dashboard.contents().columns
    sets = [columns for _, columns in sorted(found.items())]
    assert len(sets) > 4
    assert sets[0] == LAST_TO_GO[True]  # of a phone
    assert "open_interest" in sets[1]
    assert all(narrow <= wide for narrow, wide in pairwise(sets))


def test_columns_widen_for_larger_numbers_and_do_not_shrink_again(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(server, **WIDE.context)
    dashboard.open("?symbol=BANKNIFTY")
    dashboard.show_all_columns()
    row = dashboard.page.locator("#chain tbody tr.atm")
    before = row.evaluate(COLUMNS)

    def update(change: Callable[[Quote], Quote]) -> list[float]:
        server.clock.now += 2 * STEP
        chains = [
            replace(each, quotes=tuple(map(change, each.quotes)))
            for each in snapshots("BANKNIFTY", ist("15:02:30"))
        ]
        server.recording.store("BANKNIFTY", server.clock.now - STEP, chains)
        dashboard.hide()
        dashboard.show()
        dashboard.settle()
        assert cut(dashboard, "#chain td") == []
        edges: list[float] = row.evaluate(COLUMNS)
        return edges

    smaller = update(lambda quote: quote._replace(last_price=1.0, open_interest=1.0))
    assert smaller == before
    larger = update(dear)
    assert larger[-1] - larger[0] > before[-1] - before[0]
    assert update(lambda quote: quote) == larger


def test_sides_are_named_wherever_the_chain_is_scrolled(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server, **PHONE.context)
    dashboard.open("?symbol=BANKNIFTY")
    dashboard.show_all_columns()
    page = dashboard.page
    box = page.locator("#chain-scroller")
    for side, places in {"call": (0, 0.2, 0.45), "put": (1, 0.8, 0.55)}.items():
        name = page.locator(f"#chain thead th.{side} span").first
        for place in places:
            box.evaluate(
                "(box, place) => { box.scrollLeft = place * (box.scrollWidth - box.clientWidth); }",
                place,
            )
            handles = [name.element_handle(), box.element_handle()]
            assert page.evaluate(IN_SIGHT, handles), (side, place)
