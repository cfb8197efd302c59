"""The page fits a wide screen and a phone, light and dark; pictures of it are kept."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import FOLDER, LOOKS, Look
from tests.browser.site import Site

BACKGROUND = """() => {
  const opaque = [document.body, document.documentElement]
    .map(each => getComputedStyle(each).backgroundColor)
    .find(colour => colour !== 'rgba(0, 0, 0, 0)') ?? 'rgb(255, 255, 255)';
  const [red, green, blue] = opaque.match(/[\\d.]+/g).map(Number);
  return (red + green + blue) / 3;
}"""

# Left and right edge of every cell of a row, and of the lowest row of the head.
EDGES = """row => [...row.cells].map(cell => {
  const {left, right} = cell.getBoundingClientRect();
  return [Math.round(left), Math.round(right)];
})"""


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_it_fits_the_screen_and_the_scheme(site: Site, new_page: OpenPage, look: Look) -> None:
    dashboard = new_page(site, **look.context)
    dashboard.open()
    dashboard.settle()
    page = dashboard.page
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{look.name}.png")
    if look.width < look.height:  # a phone scrolls, a wide screen shows all
        page.screenshot(path=FOLDER / f"{look.name}-whole.png", full_page=True)
    # Wide things scroll within their own boxes; the page itself never does sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= look.width
    brightness = page.evaluate(BACKGROUND)
    assert brightness > 200 if look.scheme == "light" else brightness < 60
    assert page.locator("#chain tr.atm").is_visible()


def test_what_is_wrong_can_be_seen_on_a_phone(site: Site, new_page: OpenPage) -> None:
    dashboard = new_page(site, **LOOKS[3].context)
    site.front.fault = "database-unavailable"
    dashboard.open(state="unavailable")
    notice = dashboard.page.locator("#notice").bounding_box()
    assert notice is not None
    assert 0 <= notice["y"] < LOOKS[3].height
    dashboard.page.screenshot(path=FOLDER / "phone-dark-away.png")


def test_the_head_of_the_chain_stays_in_sight(site: Site, new_page: OpenPage) -> None:
    dashboard = new_page(site, **LOOKS[0].context)
    dashboard.open()
    last = dashboard.page.locator("#chain tbody tr[data-strike]").last
    last.scroll_into_view_if_needed()
    head, row = dashboard.page.locator("#chain thead").bounding_box(), last.bounding_box()
    assert head is not None
    assert row is not None
    assert 0 <= head["y"] < row["y"] < LOOKS[0].height


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2]], ids=lambda look: look.name)
def test_every_cell_stands_under_its_head(site: Site, new_page: OpenPage, look: Look) -> None:
    dashboard = new_page(site, **look.context)
    dashboard.open()
    head = dashboard.page.locator("#chain thead tr").last.evaluate(EDGES)
    columns = dashboard.page.locator("#chain tbody tr.atm").evaluate(EDGES)
    assert len(columns) > 4
    assert columns == head
    rows = dashboard.page.locator("#chain tbody tr[data-strike]")
    heights: list[float] = rows.evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert len(set(heights)) == 1
    assert heights[0] <= 40
