"""The page fits a wide screen and a phone, light and dark; screenshots of it are kept."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.screens import (
    LARGE,
    LOW,
    LYING_PHONE,
    MIDDLE_STRIKES,
    PHONE,
    PHONE_DARK,
    SCREENS,
    SCREENSHOTS,
    WIDE,
    WIDER,
    ZOOMED,
    ZOOMED_LOW,
    Screen,
)
from tests.browser.server import Server
from tests.browser.test_panels import PANELS, open_panels

BRIGHTNESS = """() => {
  const opaque = [document.body, document.documentElement]
    .map(each => getComputedStyle(each).backgroundColor)
    .find(colour => colour !== 'rgba(0, 0, 0, 0)') ?? 'rgb(255, 255, 255)';
  const [red, green, blue] = opaque.match(/[\\d.]+/g).map(Number);
  return (red + green + blue) / 3;
}"""
# Whether nothing covers what has the focus.
ON_TOP = """() => {
  const {left, right, top, bottom} = document.activeElement.getBoundingClientRect();
  return [left + 3, right - 3].every(x =>
    document.elementFromPoint(x, (top + bottom) / 2) === document.activeElement);
}"""
# The controls of the time bar at whose middle there is something else.
COVERED = """() => [...document.querySelectorAll('.timeline :is(button, input, select)')]
  .filter(control => {
    const {left, right, top, bottom} = control.getBoundingClientRect();
    const found = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return !control.contains(found);
  }).map(({id}) => id)"""
# The edges of what is beside the chain, in the order of the document.
BESIDE = """() => [...document.querySelectorAll('.panel, .flow > figure, .positions')]
  .map(each => each.getBoundingClientRect())
  .map(({left, top, right, bottom}) => [left, top, right, bottom].map(Math.round))"""
# The left and right edges of a row's cells.
EDGES = """row => [...row.cells].map(cell => {
  const {left, right} = cell.getBoundingClientRect();
  return [Math.round(left), Math.round(right)];
})"""


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_page_fits_the_screen_and_the_scheme(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open()
    page = dashboard.page
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{screen.name}.png")
    if screen in {PHONE, PHONE_DARK}:  # a phone scrolls, a wide screen shows all
        page.screenshot(path=SCREENSHOTS / f"{screen.name}-whole.png", full_page=True)
    # Wide things scroll within their own boxes; the page itself never does sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= screen.width
    brightness = page.evaluate(BRIGHTNESS)
    assert brightness > 200 if screen.scheme == "light" else brightness < 60
    assert page.locator("#chain tr.atm").is_visible()


def test_notice_is_in_sight_on_a_phone(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server, **PHONE_DARK.context)
    server.proxy.problem = "database-unavailable"
    dashboard.open(state="unavailable")
    notice = dashboard.page.locator("#notice").bounding_box()
    assert notice is not None
    assert 0 <= notice["y"] < PHONE_DARK.height
    dashboard.page.screenshot(path=SCREENSHOTS / "phone-dark-unavailable.png")


@pytest.mark.parametrize("screen", [WIDE, WIDER, LOW], ids=lambda screen: screen.name)
def test_notice_covers_no_number(server: Server, new_page: OpenPage, screen: Screen) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open()
    server.proxy.problem = "database-unavailable"
    dashboard.advance(8)
    assert dashboard.state == "unavailable"
    notice = dashboard.page.locator("#notice").bounding_box()
    panes = dashboard.page.locator("#panes").bounding_box()
    assert notice is not None
    assert panes is not None
    assert panes["y"] + panes["height"] < notice["y"]
    assert notice["y"] + notice["height"] < screen.height
    assert dashboard.page.locator("#chain tfoot").is_visible()


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=lambda screen: screen.name)
def test_every_cell_stands_under_its_heading(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open()
    headings = dashboard.page.locator("#chain thead tr").last.evaluate(EDGES)
    cells = dashboard.page.locator("#chain tbody tr.atm").evaluate(EDGES)
    assert len(cells) > 4
    assert cells == headings
    rows = dashboard.page.locator("#chain tbody tr[data-strike]")
    heights: list[float] = rows.evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert len(set(heights)) == 1
    assert heights[0] <= 40


def test_head_of_the_chain_stays_in_sight(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server, **WIDE.context)
    dashboard.open()
    last = dashboard.page.locator("#chain tbody tr[data-strike]").last
    last.scroll_into_view_if_needed()
    head, row = dashboard.page.locator("#chain thead").bounding_box(), last.bounding_box()
    assert head is not None
    assert row is not None
    assert 0 <= head["y"] < row["y"] < WIDE.height


@pytest.mark.parametrize("screen", [PHONE, ZOOMED_LOW], ids=lambda screen: screen.name)
def test_first_strikes_stand_on_the_first_half_of_a_small_screen(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open()
    page = dashboard.page
    head = page.locator("#chain thead").bounding_box()
    assert head is not None
    row = page.locator("#chain tbody tr.atm").evaluate("row => row.offsetHeight")
    assert head["y"] + head["height"] + row < 0.5 * screen.height
    # What has no room is a scroll away, and the page itself never scrolls sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= screen.width
    for last in ('[data-tile="age"]', "#pin-moment", "#legend", "#chain-toolbar .export"):
        page.locator(last).scroll_into_view_if_needed()
        box = page.locator(last).bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= screen.width
    page.locator("#play").focus()
    page.keyboard.press("Tab")
    for _ in range(3):
        assert page.evaluate(ON_TOP)
        page.keyboard.press("Tab")
    page.screenshot(path=SCREENSHOTS / f"{screen.name}-scrolled.png")


@pytest.mark.parametrize(
    "screen", [PHONE, LYING_PHONE, ZOOMED_LOW, ZOOMED], ids=lambda screen: screen.name
)
def test_nothing_covers_the_time_bar_on_a_small_screen(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open()
    page = dashboard.page
    page.screenshot()  # after a frame all has its place
    assert page.locator(".timeline :is(button, input, select)").count() == 7
    assert page.evaluate(COVERED) == []
    page.locator("#time").focus()
    for _ in range(5):  # the step forward leads nowhere from the latest snapshot
        page.keyboard.press("Tab")
        assert page.evaluate(ON_TOP)
    expect(page.locator("#live")).to_be_focused()
    page.locator("#step-back").click()
    dashboard.wait_for_state("replay")


def test_strike_in_the_middle_stays_there_where_a_phone_is_turned(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(server, **PHONE.context)
    dashboard.open()
    page = dashboard.page
    at_the_money = page.evaluate(MIDDLE_STRIKES)
    page.locator("#chain-scroller").evaluate("box => { box.scrollTop += 300; }")
    page.screenshot()  # in a frame the page hears of it
    middle = page.evaluate(MIDDLE_STRIKES)
    assert middle != at_the_money
    for screen in (LYING_PHONE, WIDE, ZOOMED_LOW, LARGE, PHONE):
        page.set_viewport_size({"width": screen.width, "height": screen.height})
        page.screenshot()
        assert page.evaluate(MIDDLE_STRIKES) == middle


@pytest.mark.parametrize("screen", [WIDER, LARGE], ids=lambda screen: screen.name)
def test_large_screen_is_filled(server: Server, new_page: OpenPage, screen: Screen) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open("?symbol=BANKNIFTY")
    page = dashboard.page
    assert {"bid_price", "ask_price"} <= dashboard.contents().columns
    chain = page.locator("#chain-scroller")
    assert chain.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    figures = page.locator(".charts figure, .charts .positions")
    boxes = [figure.bounding_box() for figure in figures.all()]
    right = max(box["x"] + box["width"] for box in boxes if box)
    bottom = max(box["y"] + box["height"] for box in boxes if box)
    assert screen.width - right < 20
    assert 0 <= screen.height - bottom < 20
    plot = page.locator("#chart-underlying").bounding_box()
    drawn = page.locator("#chart-underlying canvas").bounding_box()
    assert plot is not None
    assert drawn is not None
    assert plot["height"] - drawn["height"] < 2


def test_nine_panels_can_be_chosen_from_on_every_screen(server: Server, new_page: OpenPage) -> None:
    for screen in (WIDE, PHONE, LARGE):
        dashboard = new_page(server, **screen.context)
        dashboard.open()
        bar = dashboard.page.locator("#panel-buttons")
        bar.evaluate(
            "bar => { for (let i = 0; i < 8; i++) bar.append(bar.lastChild.cloneNode(true)); }"
        )
        outer = dashboard.page.locator(".charts").bounding_box()
        for button in bar.locator("button").all():
            box = button.bounding_box()
            assert box is not None
            assert outer is not None
            assert outer["x"] < box["x"] < box["x"] + box["width"] < outer["x"] + outer["width"]


@pytest.mark.parametrize("names", [PANELS, ("gamma", "volatility"), ("volatility", "alerts")])
def test_panels_leave_no_hole_on_a_large_screen(
    server: Server, new_page: OpenPage, names: tuple[str, ...]
) -> None:
    dashboard = new_page(server, **LARGE.context)
    open_panels(dashboard, names)
    dashboard.settle()
    dashboard.page.screenshot(path=SCREENSHOTS / f"panels-{'-'.join(names)}.png")
    boxes: list[list[int]] = dashboard.page.evaluate(BESIDE)
    # The focus goes from one to the next as they are seen.
    assert boxes == sorted(boxes)
    columns = [[box for box in boxes if box[0] == left] for left in sorted({b[0] for b in boxes})]
    assert len(columns) == 2
    for column in columns:
        gaps = [after[1] - before[3] for before, after in pairwise(column)]
        assert all(0 <= gap <= 2 for gap in gaps)
    assert {column[0][1] for column in columns} == {boxes[0][1]}
    ends = [column[-1][3] for column in columns]
    assert max(ends) - min(ends) < max(bottom - top for _, top, _, bottom in boxes)
    charts = dashboard.page.locator(".charts").bounding_box()
    assert charts is not None
    assert charts["width"] - (boxes[-1][2] - boxes[0][0]) < 20
