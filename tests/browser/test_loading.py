"""The page shows what the API answers: every strike, every tile, every cell, every chart."""

import re

from playwright.sync_api import expect

from tests.browser import answers
from tests.browser.dashboard import Dashboard
from tests.browser.site import Site

CHARTS = ("oi", "oi-change", "smile", "pcr", "underlying")
# What a canvas has drawn on it: how many of its pixels, in how many colours.
DRAWN = """canvas => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  let pixels = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 0) continue;
    pixels += 1;
    colours.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
  }
  return [pixels, colours.size];
}"""
WRITTEN = re.compile(r"[+\-\u2212]?[\d,]*\d(?:\.\d+)?")


def test_the_chain_has_a_row_for_each_strike_of_the_latest_snapshot(
    site: Site, dashboard: Dashboard
) -> None:
    dashboard.open()
    answer = answers.chain(site)
    assert dashboard.strikes() == answers.strikes(answer)
    assert dashboard.timestamp == answer["timestamp"]
    expect(dashboard.page.locator("#symbol")).to_have_value("NIFTY")
    expect(dashboard.page.locator("#expiry")).to_have_value(answer["expiry_date"])


def test_the_tiles_hold_the_numbers_of_the_analytics(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    expected = answers.tiles(site)
    assert {name: dashboard.value(name) for name in answers.TILES} == expected
    assert None not in expected.values()
    for name in answers.TILES:
        assert agrees(dashboard.tile(name).inner_text(), str(dashboard.value(name)))


def test_age_and_market_are_those_of_the_api(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    # The browser's clock runs on meanwhile, the application's stands.
    age = dashboard.value("age")
    assert isinstance(age, int | float)
    assert 0 <= age - answers.chain(site)["age_seconds"] <= 3
    assert "open" in dashboard.tile("market").inner_text().lower()


def test_every_cell_of_every_column_shows_the_number_of_the_api(
    site: Site, dashboard: Dashboard
) -> None:
    """People read it to some decimals, and a dash where there is none."""
    dashboard.open()
    columns = dashboard.show_columns()
    expected = answers.legs(answers.chain(site))
    cells = dashboard.cells()
    assert len(columns) >= 12
    assert len(cells) == len(dashboard.strikes()) * len(columns) * 2
    assert [cell for cell in cells if cell.value != answers.of(expected, cell)] == []
    missing = [cell for cell in cells if cell.value is None]
    assert missing
    assert {cell.text for cell in missing} == {"\u2013"}
    read = [cell for cell in cells if cell.value is not None]
    assert [cell for cell in read if not agrees(cell.text, cell.raw)] == []


def test_every_chart_is_drawn(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.settle()
    for chart in CHARTS:
        canvas = dashboard.page.locator(f"#chart-{chart} canvas").first
        canvas.scroll_into_view_if_needed()
        pixels, colours = canvas.evaluate(DRAWN)
        assert pixels > 500, chart
        assert colours > 2, chart


def test_the_money_is_marked(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    answer = answers.chain(site)
    at_the_money = dashboard.page.locator("#chain tr.atm")
    assert at_the_money.count() == 1
    atm = site.get("/option-chain/NIFTY/analytics")["atm_strike"]
    assert float(at_the_money.get_attribute("data-strike") or 0) == atm
    spot = answer["underlying_value"]
    below = [strike for strike in dashboard.strikes() if strike < spot]
    assert below == inside(dashboard, "call")
    above = [strike for strike in dashboard.strikes() if strike > spot]
    assert above == inside(dashboard, "put")


def inside(dashboard: Dashboard, side: str) -> list[float]:
    """Return the strikes that are marked as in the money on a side."""
    marked = dashboard.page.locator(f'#chain tbody tr:has(td.itm[data-side="{side}"])')
    found: list[str] = marked.evaluate_all("rows => rows.map(row => row.dataset.strike)")
    return [float(strike) for strike in found]


def agrees(text: str, raw: str) -> bool:
    """Tell whether a text shows a number, to the decimals that it gives; words say themselves."""
    try:
        number = float(raw)
    except ValueError:
        return raw.replace("_", "") == text.lower().replace(" ", "").replace("-", "")
    found = WRITTEN.search(text)
    if not found:
        return False
    shown = found[0].replace(",", "").replace("\u2212", "-")
    decimals = len(shown.partition(".")[2])
    away = abs(float(shown) - number)
    return away <= 0.5000001 * 10.0**-decimals
