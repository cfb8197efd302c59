"""The page shows what the API answers: every strike, tile, cell and chart."""

import re

from playwright.sync_api import expect

from tests.browser import expected
from tests.browser.dashboard import Dashboard
from tests.browser.server import Server

CHARTS = ("oi", "oi-change", "smile", "pcr", "underlying")
# How many pixels of a canvas are drawn, in how many colours.
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
NUMBER = re.compile(r"[+\-\u2212]?[\d,]*\d(?:\.\d+)?")
DASH = "\u2013"


def test_chain_and_tiles_are_of_the_latest_snapshot(server: Server, live_page: Dashboard) -> None:
    contents = live_page.contents()
    assert expected.differences(server, contents) == []
    assert live_page.contents().strikes == expected.strikes(expected.chain(server))
    expiry = expected.chain(server)["expiry_date"]
    expect(live_page.page.locator("#symbol")).to_have_value("NIFTY")
    expect(live_page.page.locator("#expiry")).to_have_value(expiry)
    for name in expected.TILES:
        assert contents.tiles[name] is not None
        assert agrees(live_page.tile(name).inner_text(), str(contents.tiles[name]))


def test_age_and_market_are_those_of_the_api(server: Server, live_page: Dashboard) -> None:
    age = expected.chain(server)["age_seconds"]
    assert live_page.age() == int(age)
    assert "open" in live_page.tile("market").inner_text().lower()


def test_every_cell_of_every_column_shows_the_number_of_the_api(
    server: Server, dashboard: Dashboard
) -> None:
    """People read it to some decimals, and a dash where there is none."""
    dashboard.open()
    columns = dashboard.show_all_columns()
    contents = dashboard.contents()
    assert len(columns) >= 12
    assert len(contents.cells) == len(dashboard.contents().strikes) * len(columns) * 2
    assert expected.differences(server, contents) == []
    missing = [cell for cell in contents.cells if cell.value is None]
    assert {cell.text for cell in missing} == {DASH}
    written = [cell for cell in contents.cells if cell.value is not None]
    assert [cell for cell in written if not agrees(cell.text, cell.raw)] == []


def test_every_chart_is_drawn(live_page: Dashboard) -> None:
    for chart in CHARTS:
        canvas = live_page.page.locator(f"#chart-{chart} canvas").first
        canvas.scroll_into_view_if_needed()
        # A chart is drawn once it is in sight.
        drawn = f"canvas => {{ const [pixels, colours] = ({DRAWN})(canvas);\n"
        drawn += "  return pixels > 500 && colours > 2; }"
        live_page.page.wait_for_function(drawn, arg=canvas.element_handle())


def test_strike_at_the_money_and_legs_in_the_money_are_marked(
    server: Server, live_page: Dashboard
) -> None:
    at_the_money = live_page.page.locator("#chain tr.atm")
    assert at_the_money.count() == 1
    atm = server.get("/option-chain/NIFTY/analytics")["atm_strike"]
    assert float(at_the_money.get_attribute("data-strike") or 0) == atm
    spot = expected.chain(server)["underlying_value"]
    strikes = live_page.contents().strikes
    assert in_the_money(live_page, "call") == [strike for strike in strikes if strike < spot]
    assert in_the_money(live_page, "put") == [strike for strike in strikes if strike > spot]


def in_the_money(dashboard: Dashboard, side: str) -> list[float]:
    """Return the strikes that are marked as in the money on a side."""
    marked = dashboard.page.locator(f'#chain tbody tr:has(td.itm[data-side="{side}"])')
    found: list[str] = marked.evaluate_all("rows => rows.map(row => row.dataset.strike)")
    return [float(strike) for strike in found]


def agrees(text: str, raw: str) -> bool:
    """Tell whether a text shows a number, to the decimals that it gives, or the same word."""
    try:
        number = float(raw)
    except ValueError:
        return raw.replace("_", "") == text.lower().replace(" ", "").replace("-", "")
    found = NUMBER.search(text)
    if not found:
        return False
    shown = found[0].replace(",", "").replace("\u2212", "-")
    decimals = len(shown.partition(".")[2])
    return abs(float(shown) - number) <= 0.5000001 * 10.0**-decimals
