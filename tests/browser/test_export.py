"""Tables and charts exported: CSV, Excel, pictures, and lines of code that run elsewhere."""

import csv
import io
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pandas
import pytest
from playwright.sync_api import Locator, Page, expect
from starlette.testclient import TestClient

from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import IST
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.page_modules import PageModules
from tests.browser.recording import iso, ist, snapshots
from tests.browser.server import Server
from tests.browser.test_panels import panel
from tests.browser.test_units import LOT, recorded

PNG = b"\x89PNG\r\n\x1a\n"


def menu(dashboard: Dashboard, label: str) -> Locator:
    """Open what can be exported of a section."""
    name = f"Export: {label}"
    dashboard.page.get_by_role("button", name=name).click()
    box = dashboard.page.get_by_role("group", name=name)
    expect(box.get_by_role("button").first).to_be_visible()
    return box


def saved(dashboard: Dashboard, button: Locator) -> tuple[str, bytes]:
    """Press a button; return name and content of the file that is saved."""
    with dashboard.page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_chain_as_csv_has_every_number_of_the_api(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    box = menu(dashboard, "the chain")
    name, content = saved(dashboard, box.get_by_role("button", name="CSV"))
    assert name == "NIFTY 23-Jun-2026, 19 Jun 2026 15-02-30 IST Chain.csv"
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert {"Strike", "Call OI", "Put OI", "Call LTP", "Put LTP"} <= set(head)
    strikes = {float(row[head.index("Strike")]): row for row in rows}
    chain = server.get("/option-chain/NIFTY", layout="rows", greeks="true")["rows"]
    assert len(strikes) >= len(chain) > 50
    for row in chain:
        found = strikes[row["strike_price"]]
        for side in ("call", "put"):
            leg: dict[str, Any] = row[side] or {}
            text = found[head.index(f"{side.title()} LTP")]
            assert (float(text) if text else None) == leg.get("last_price")
            assert not text or "." in text
    frame = pandas.read_csv(io.BytesIO(content))
    assert frame["Strike"].dtype.kind in "if"


def sheets(dashboard: Dashboard, label: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each sheet of a section's workbook, the head first."""
    button = menu(dashboard, label).get_by_role("button", name="Excel")
    _, content = saved(dashboard, button)
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {each.title: list(each.iter_rows(values_only=True)) for each in book}


def test_sums_of_the_chain_are_a_sheet_of_their_own(server: Server, dashboard: Dashboard) -> None:
    """In the column of strikes "Total" would make a text of each strike."""
    dashboard.open()
    found = sheets(dashboard, "the chain")
    head, *rows = found["Chain"]
    assert all(isinstance(row[head.index("Strike")], int | float) for row in rows)
    sums, total = found["Chain, total"]
    assert (sums, total[head.index("Strike")]) == (head, "Total")
    chain = server.get("/option-chain/NIFTY", layout="rows")["rows"]
    for side in ("call", "put"):
        known = [row[side]["open_interest"] for row in chain if row[side]]
        assert total[head.index(f"{side.title()} OI")] == sum(known)


def test_sum_of_a_part_of_the_contracts_is_not_taken(server: Server, dashboard: Dashboard) -> None:
    tick = server.clock.now.replace(microsecond=0)
    partial = [
        replace(each, quotes=(each.quotes[0]._replace(open_interest=None), *each.quotes[1:]))
        for each in snapshots("NIFTY", tick)
    ]
    server.recording.store("NIFTY", tick, partial)
    dashboard.open()
    unknown = partial[0].quotes[0].side
    head, total = sheets(dashboard, "the chain")["Chain, total"]
    names = {"CE": "Call", "PE": "Put"}
    sums = {side: total[head.index(f"{name} OI")] for side, name in names.items()}
    assert sums.pop(unknown) is None
    assert [value > 0 for value in sums.values()] == [True]
    side = names[unknown].lower()
    cell = dashboard.page.locator(f'#chain tfoot [data-total=open_interest][data-side="{side}"]')
    shown, part = (cell.get_attribute("title") or "").split("\n")
    assert re.fullmatch(r"of \d+ of \d+ contracts: the others have no number", part)
    assert head[-1] == "Note"
    notes = total[-1].split("; ")
    assert f"{names[unknown]} OI: {shown} {part}" in notes
    assert "PCR: the sums of both sides are not known, or 0" in notes
    empty = [name for name, value in zip(head, total, strict=True) if value is None]
    assert {note.partition(":")[0] for note in notes} == {"Call OI", "PCR"} & set(empty)


def test_charts_as_one_workbook_with_dates_in_ist_and_numbers(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    box = menu(dashboard, "the charts")
    name, content = saved(dashboard, box.get_by_role("button", name="Excel"))
    assert name.endswith(".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert {"Open interest", "PCR and straddle", "Positions"} <= set(book.sheetnames)
    head, *rows = book["PCR and straddle"].iter_rows(values_only=True)
    assert head == ("Time (IST)", "PCR", "Straddle")
    history = server.get("/option-chain/NIFTY/analytics/history", metric="pcr_oi,straddle_price")
    records = history["records"]
    assert len(records) == len(rows) > 3
    for (time, pcr, straddle), record in zip(rows, records, strict=True):
        assert isinstance(time, datetime)
        instant = datetime.fromisoformat(record["timestamp"])
        in_india = instant.astimezone(IST).replace(tzinfo=None)
        assert abs((time - in_india).total_seconds()) < 0.5
        assert (pcr, straddle) == (record["pcr_oi"], record["straddle_price"])
    frame = pandas.read_excel(io.BytesIO(content), sheet_name="PCR and straddle")
    assert str(frame["Time (IST)"].dtype).startswith("datetime64")
    _, *strikes = book["Open interest"].iter_rows(values_only=True)
    assert all(isinstance(value, int | float) for value in strikes[0])


@pytest.mark.parametrize("section", ["the chain", "the charts"])
def test_tables_and_charts_are_saved_as_pictures(dashboard: Dashboard, section: str) -> None:
    dashboard.open()
    box = menu(dashboard, section)
    name, content = saved(dashboard, box.get_by_role("button", name="PNG").first)
    assert name.endswith(".png")
    assert content.startswith(PNG)
    assert len(content) > 5_000


def written(page: Page) -> list[tuple[str, str]]:
    """Return the texts that were written on canvases, each with its colour."""
    return [(text, tint) for text, tint in page.evaluate("writtenTexts")]


WATCH_TEXTS = """
window.writtenTexts = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  writtenTexts.push([text, this.fillStyle]);
  return write.call(this, text, ...place);
};
"""


def test_picture_of_a_chart_names_its_lines_in_their_colours_and_its_unit(
    dashboard: Dashboard,
) -> None:
    dashboard.page.add_init_script(WATCH_TEXTS)
    dashboard.open()
    button = menu(dashboard, "the charts").get_by_role("button", name="PNG: Open interest")
    saved(dashboard, button)
    texts = dict(written(dashboard.page))
    assert "Open interest (lots)" in texts
    tints = {texts["■ Calls"], texts["■ Puts"]}
    assert len(tints - {texts["Open interest (lots)"]}) == 2
    marks = dashboard.page.locator("figure:has(#chart-oi) .legend i")
    shown = marks.evaluate_all(
        """all => { const { style } = document.body; const before = style.color;
          const context = document.createElement('canvas').getContext('2d');
          return all.map(each => {
            context.fillStyle = getComputedStyle(each).backgroundColor;
            return context.fillStyle; }); }"""
    )
    assert tints == set(shown)


def test_table_with_controls_is_exported_as_what_is_chosen(dashboard: Dashboard) -> None:
    dashboard.page.add_init_script(WATCH_TEXTS)
    dashboard.open("?panels=strategy&legs=%2B1x24350CE,-2x24400PE")
    box = menu(dashboard, "Strategy")
    _, content = saved(dashboard, box.get_by_role("button", name="CSV: Strategy"))
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert head == ["Side", "Lots", "Strike", "Type", "Expiry", "Entry", "Now", "IV %"]
    assert {len(row) for row in rows} == {len(head)}
    assert [row[:5] for row in rows] == [
        ["Buy", "1", "24350", "CE", "23-Jun-2026"],
        ["Sell", "2", "24400", "PE", "23-Jun-2026"],
    ]
    saved(dashboard, box.get_by_role("button", name="PNG: Strategy"))
    texts = [text for text, _ in written(dashboard.page)]
    first = texts.index("Buy")
    assert texts[first : first + 5] == ["Buy", "1", "24,350", "Call", "23-Jun-2026"]
    second = texts.index("Sell")
    assert texts[second : second + 5] == ["Sell", "2", "24,400", "Put", "23-Jun-2026"]
    assert "\u00d7" not in texts  # the button that removes a leg


def copied(dashboard: Dashboard, box: Locator, label: str) -> str:
    dashboard.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box.get_by_role("button", name=label).click()
    expect(box.get_by_role("status")).to_have_text("Copied.")
    text: str = dashboard.page.evaluate("navigator.clipboard.readText()")
    return text


def test_lines_for_curl_bring_what_is_shown(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    lines = copied(dashboard, menu(dashboard, "the chain"), "Copy for curl").splitlines()
    shown = dashboard.contents().timestamp
    for line in lines:
        command, *_, url = shlex.split(line)
        assert command == "curl"
        parts = urlsplit(url)
        answer = TestClient(server.proxy.app).get(f"{parts.path}?{parts.query}")
        assert answer.json()["timestamp"] == shown


def test_lines_for_pandas_run_and_leave_the_key_out(
    server: Server, new_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.proxy.key = "secret"
    dashboard = new_page(server)
    dashboard.page.add_init_script("localStorage.setItem('option-chain.key', 'secret')")
    dashboard.open("?panels=levels")
    code = copied(dashboard, menu(dashboard, "Levels"), "Copy for pandas")
    assert "secret" not in code
    monkeypatch.setenv("OPTION_CHAIN_API_KEY", "secret")
    names: dict[str, Any] = {}
    exec(compile(code, "copied", "exec"), names)
    shown = server.get("/option-chain/NIFTY/analytics/history", metric="max_pain")["records"]
    assert list(names["frame"]["max_pain"]) == [each["max_pain"] for each in shown]


def test_section_without_data_says_so(server: Server, new_page: OpenPage) -> None:
    server.proxy.problem = "database-unavailable"
    dashboard = new_page(server)
    dashboard.open(state="unavailable")
    dashboard.page.get_by_role("button", name="Export: the chain").click()
    box = dashboard.page.get_by_role("group", name="Export: the chain")
    expect(box).to_contain_text("There is nothing to export yet.")


def test_menu_that_was_opened_at_once_has_what_has_come_since(
    server: Server, dashboard: Dashboard
) -> None:
    gate = server.proxy.gate = Event()
    dashboard.page.goto(f"{server.url}/dashboard?panels=gamma")
    dashboard.page.get_by_role("button", name="Export: Gamma").click()
    box = dashboard.page.get_by_role("group", name="Export: Gamma")
    expect(box).to_contain_text("There is nothing to export yet.")
    gate.set()
    dashboard.wait_for_state("live")
    panel(dashboard, "gamma").scroll_into_view_if_needed()
    expect(box.get_by_role("button", name="CSV: Gamma exposure by strike")).to_be_visible()
    expect(box).not_to_contain_text("nothing to export")


def test_what_is_taken_is_of_the_click_and_says_of_when_it_is(
    server: Server, dashboard: Dashboard
) -> None:
    """The menu may stay open: a picture of new numbers must not have the time of the old ones."""
    dashboard.open()
    box = menu(dashboard, "the chain")
    server.bring_news("NIFTY")
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_snapshot(iso(server.clock.now))
    dashboard.settle()
    for kind in ("PNG", "CSV"):
        name, content = saved(dashboard, box.get_by_role("button", name=kind))
        assert "19 Jun 2026 15-03-05 IST" in name
    head, *rows = csv.reader(io.StringIO(content.decode()))
    prices = [row[head.index("Call LTP")] for row in rows]
    chain = server.get("/option-chain/NIFTY", layout="rows")["rows"]
    for row, text in zip(chain, prices, strict=False):
        assert (float(text) if text else None) == (row["call"] or {}).get("last_price")


def test_lines_bring_the_whole_day_after_a_refresh(server: Server, dashboard: Dashboard) -> None:
    """The page itself asks for the newest records only."""
    dashboard.open("?panels=levels")
    for _ in range(3):
        server.advance(70)
        dashboard.page.clock.run_for(70_000)
        dashboard.settle()
    asked = [url for url in dashboard.log.requests if "metric=reference_price" in url]
    assert "from=2026-06-19T" in asked[-1].replace("%3A", ":")
    (line,) = copied(dashboard, menu(dashboard, "Levels"), "Copy for curl").splitlines()
    parts = urlsplit(shlex.split(line)[-1])
    answer = TestClient(server.proxy.app).get(f"{parts.path}?{parts.query}").json()
    day = server.get("/option-chain/NIFTY/analytics/history", metric="max_pain")
    assert len(answer["records"]) == len(day["records"])


def test_lines_of_the_charts_bring_the_day_that_they_show(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    code = copied(dashboard, menu(dashboard, "the charts"), "Copy for pandas")
    frames = frames_of(server, code)
    day = server.get("/option-chain/NIFTY/analytics/history")["records"]
    history = frames[-1].astype(object).where(frames[-1].notna(), None)
    for name in ("pcr_oi", "straddle_price", "underlying_value", "atm_iv"):
        assert list(history[name]) == [each[name] for each in day]
    chain = server.get("/option-chain/NIFTY")
    assert len(frames[0]) == chain["total_calls"] + chain["total_puts"]
    dashboard.page.keyboard.press("Escape")
    own = copied(dashboard, menu(dashboard, "the chain"), "Copy for pandas")
    assert "history" not in own


SMILE = ["Strike", "Calls", "Puts"]


def test_changes_since_the_day_before_say_so(dashboard: Dashboard) -> None:
    dashboard.open()
    box = menu(dashboard, "the charts")
    name, content = saved(dashboard, box.get_by_role("button", name="CSV: Change in OI"))
    assert name == "NIFTY 23-Jun-2026, 19 Jun 2026 15-02-30 IST Change in OI.csv"
    assert head_of(content) == ["Strike", "Calls since prev. close", "Puts since prev. close"]
    _, content = saved(dashboard, box.get_by_role("button", name="CSV: IV smile"))
    assert head_of(content) == SMILE


def head_of(content: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode())))


@pytest.mark.parametrize(("against", "moment"), [
    ("1m", "15:01:30"), ("open", "09:15:00"), ("2026-06-19T06:00:00Z", "11:30:00"),
])  # fmt: skip
def test_changes_of_a_window_say_since_when(
    dashboard: Dashboard, against: str, moment: str
) -> None:
    dashboard.open(f"?against={against}")
    then = f"19 Jun 2026 {moment} IST"
    subject = f"NIFTY 23-Jun-2026, 19 Jun 2026 15-02-30 IST, changes since {then}"
    box = menu(dashboard, "the charts")
    name, content = saved(dashboard, box.get_by_role("button", name="CSV: Change in OI"))
    assert name == f"{subject} Change in OI.csv".replace(":", "-")
    assert head_of(content) == ["Strike", f"Calls since {then}", f"Puts since {then}"]
    name, content = saved(dashboard, box.get_by_role("button", name="CSV: IV smile"))
    assert name == f"{subject} IV smile.csv".replace(":", "-")
    assert head_of(content) == [*SMILE, f"Calls of {then}", f"Puts of {then}"]
    dashboard.page.keyboard.press("Escape")
    name, _ = saved(dashboard, menu(dashboard, "the chain").get_by_role("button", name="Excel"))
    assert name == f"{subject} Chain.xlsx".replace(":", "-")


def test_changes_of_which_nothing_is_known_say_why(dashboard: Dashboard) -> None:
    dashboard.open("?against=1440m")
    box = menu(dashboard, "the charts")
    name, content = saved(dashboard, box.get_by_role("button", name="CSV: Change in OI"))
    assert name.endswith(" IST, changes since 1440m Change in OI.csv")
    reason = dashboard.page.locator("#oi-change-since").inner_text()
    assert reason.startswith("nothing was recorded at ")
    assert head_of(content) == ["Strike", f"Calls {reason}", f"Puts {reason}"]


@pytest.mark.parametrize("section", ["the chain", "the charts"])
def test_lines_bring_the_earlier_chain_that_changes_count_from(
    server: Server, dashboard: Dashboard, section: str
) -> None:
    dashboard.open("?against=1m")
    code = copied(dashboard, menu(dashboard, section), "Copy for pandas")
    frames = frames_of(server, code)
    earlier = server.get("/option-chain/NIFTY", as_of=iso(ist("15:01:30")))
    for side, legs in (("CE", earlier["calls"]), ("PE", earlier["puts"])):
        found = frames[2][frames[2]["type"] == side]
        assert list(found["open_interest"]) == [each["open_interest"] for each in legs]


def frames_of(server: Server, code: str) -> list[pandas.DataFrame]:
    """Return what lines of Python read, from the application itself: each answers with 200."""
    api = TestClient(server.proxy.app)

    def reading(original: Callable[..., Any]) -> Callable[..., Any]:
        def read(url: str, **options: object) -> object:
            parts = urlsplit(url)
            answer = api.get(f"{parts.path}?{parts.query}")
            assert answer.status_code == 200, answer.text
            return original(io.StringIO(answer.text), **options)

        return read

    names = dict[str, Any]()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_csv", "read_json"):
            patch.setattr(pandas, name, reading(getattr(pandas, name)))
        exec(compile(code, "copied", "exec"), names)
    return [each for name, each in names.items() if name.startswith("frame")]


LEGS = "%2B1x24350CE:23-Jun-2026,-1x24400CE:30-Jun-2026"
CONTRACTS = "24350CE,24400CE@30-Jun-2026"
OPENED = {
    "Contracts": f"contracts&contracts={CONTRACTS}",
    "Strategy": f"strategy&legs={LEGS}",
    "Levels": "levels",
    "Heat map": "heat",
    "Gamma": "gamma",
    "Volatility": "volatility",
}


def test_workbook_of_each_section_has_a_name_of_its_own(dashboard: Dashboard) -> None:
    panels = ",".join(each.partition("&")[0] for each in OPENED.values())
    dashboard.open(f"?panels={panels}&contracts={CONTRACTS}&legs={LEGS}")
    for label in ("the chain", "the charts", *OPENED):
        panel_name = label.removeprefix("the ").capitalize()
        if label in OPENED:
            panel(dashboard, OPENED[label].partition("&")[0]).scroll_into_view_if_needed()
            dashboard.settle()
        name, _ = saved(dashboard, menu(dashboard, label).get_by_role("button", name="Excel"))
        assert name == f"NIFTY 23-Jun-2026, 19 Jun 2026 15-02-30 IST {panel_name}.xlsx"
        dashboard.page.keyboard.press("Escape")


@pytest.mark.parametrize("label", OPENED)
def test_every_line_of_a_panel_runs(server: Server, dashboard: Dashboard, label: str) -> None:
    """Also after refreshes, for which the page asks for what is new alone."""
    dashboard.open(f"?panels={OPENED[label]}")
    server.advance(70)
    server.recording.tick("NIFTY", server.clock.now)
    dashboard.page.clock.run_for(70_000)
    dashboard.settle()
    box = menu(dashboard, label)
    frames = frames_of(server, copied(dashboard, box, "Copy for pandas"))
    lines = copied(dashboard, box, "Copy for curl").splitlines()
    assert len(frames) == len(lines) > 0
    api = TestClient(server.proxy.app)
    for line in lines:
        parts = urlsplit(shlex.split(line)[-1])
        assert api.get(f"{parts.path}?{parts.query}").status_code == 200


def test_lines_of_a_strategy_bring_the_chain_of_every_leg(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open(f"?panels=strategy&legs={LEGS}")
    server.advance(70)
    server.recording.tick("NIFTY", server.clock.now)
    dashboard.page.clock.run_for(70_000)
    dashboard.settle()
    frames = frames_of(server, copied(dashboard, menu(dashboard, "Strategy"), "Copy for pandas"))
    for expiry in ("23-Jun-2026", "30-Jun-2026"):
        chain = server.get("/option-chain/NIFTY", expiry=expiry)
        found = [
            each for each in frames if "ask_price" in each and set(each["expiry_date"]) == {expiry}
        ]
        assert [len(each) for each in found] == [chain["total_calls"] + chain["total_puts"]]
    candles = [each for each in frames if "close" in each]
    day = server.get("/option-chain/NIFTY/history", strike="24350", option_type="CE", interval="1m")
    assert len(candles) == 2
    assert len(candles[0]) == len(day["records"]) > 1


@pytest.mark.parametrize("label", ["the charts", "Contracts", "Strategy", "Levels", "Heat map"])
def test_lines_of_a_replay_bring_nothing_that_came_later(
    server: Server, dashboard: Dashboard, label: str
) -> None:
    at = iso(ist("11:30:00"))
    panels = OPENED.get(label)
    dashboard.open(f"?at={at}" + (f"&panels={panels}" if panels else ""), state="replay")
    frames = frames_of(server, copied(dashboard, menu(dashboard, label), "Copy for pandas"))
    times = [time for each in frames for time in each.get("timestamp", each.get("fetched_at", []))]
    assert max(times) == at


def test_lines_are_shown_where_a_browser_does_not_let_a_page_copy(dashboard: Dashboard) -> None:
    """As on http, but for this machine."""
    hidden = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    dashboard.page.add_init_script(hidden)
    dashboard.open()
    box = menu(dashboard, "the chain")
    box.get_by_role("button", name="Copy for curl").click()
    expect(box.get_by_role("status")).to_contain_text("Ctrl+C")
    lines = box.get_by_label("Lines to copy")
    expect(lines).to_be_focused()
    assert "/option-chain/NIFTY?" in lines.input_value()


def test_every_column_is_taken_with_the_zone_of_india(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server, timezone_id="America/New_York")
    dashboard.open()
    columns = dashboard.show_all_columns()
    name, content = saved(dashboard, menu(dashboard, "the chain").get_by_role("button", name="CSV"))
    assert "19 Jun 2026 15-02-30 IST" in name
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert len(set(head)) == len(head) == 2 * len(columns) + len(["Strike", "PCR"])
    cells = dashboard.contents().cells
    values = [cell.value for cell in cells]
    strike = head.index("Strike")
    assert head[strike + 1] == "PCR"
    found = [text for row in rows for text in row[:strike] + row[strike + 2 :]]
    assert [_value(text) for text in found] == values


def _value(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


@pytest.mark.parametrize(("unit", "sign", "name"), [
    ("rupees", "₹", "rupees"),
    ("quantity", "quantity", "units of the underlying"),
])  # fmt: skip
def test_unit_of_what_is_taken_is_in_its_name_and_heads(
    empty_server: Server, new_page: OpenPage, unit: str, sign: str, name: str
) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open("?panels=strategy&legs=%2B1x24350CE")
    dashboard.page.locator("#unit").select_option(unit)
    box = menu(dashboard, "the chain")
    file, content = saved(dashboard, box.get_by_role("button", name="CSV"))
    assert f", OI in {name} " in file
    head, *_ = csv.reader(io.StringIO(content.decode()))
    assert {f"Call OI ({sign})", f"Put OI ({sign})", "Call LTP", "Strike"} <= set(head)
    dashboard.page.keyboard.press("Escape")
    button = menu(dashboard, "Strategy").get_by_role("button", name="CSV: Strategy", exact=True)
    file, _ = saved(dashboard, button)
    assert "OI in" not in file


def test_columns_with_decimals_have_a_point_in_each_value(modules: PageModules) -> None:
    table = {
        "columns": ["Strike", "LTP", "IV", "OI", "Note"],
        "rows": [[24_350, 4_784, 12, 65, "4"], [24_400, 4_784.5, 13, -130, None]],
        "decimals": [False, False, True, False, False],
    }
    text = modules.call("export/csv.js", "csvOf", table)
    assert text.splitlines()[1:] == ["24350,4784.0,12.0,65,4", "24400,4784.5,13.0,-130,"]


@pytest.mark.parametrize(("title", "name"), [
    ("Open interest", "Open interest"),
    ("Profit and loss by price, points of one lot", "Profit and loss by price"),
    ("Volatility among the recorded days", "Volatility among the recorded"),
    ("x" * 40, "x" * 31),
])  # fmt: skip
def test_names_of_sheets_end_with_a_word(modules: PageModules, title: str, name: str) -> None:
    assert modules.call("export/workbook.js", "wholeWords", title, 31) == name


def test_notes_of_volatility_are_words_and_its_expiries_dates(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open("?panels=volatility")
    found = sheets(dashboard, "Volatility")
    head, *rows = found["Volatility among the recorded"]
    assert head == ("Measure", "Number", "Note")
    shown = dashboard.page.locator("[data-panel=volatility] .number-table").first
    words = shown.locator("td.words").all_inner_texts()
    assert [row[2] for row in rows] == words
    assert rows[1][1] is None
    assert words[1].startswith("there is no expiry")
    terms = server.get("/option-chain/NIFTY/analytics/term-structure")["records"]
    dates = [datetime.strptime(each["expiry_date"], "%d-%b-%Y") for each in terms]  # noqa: DTZ007
    assert [row[0] for row in found["Expiries"][1:]] == dates


def test_notes_of_gamma_are_words(dashboard: Dashboard) -> None:
    dashboard.open("?panels=gamma")
    box = menu(dashboard, "Gamma")
    _, content = saved(dashboard, box.get_by_role("button", name="CSV: Gamma exposure of all"))
    notes = {name: note for name, _, note in csv.reader(io.StringIO(content.decode()))}
    assert notes["Contracts without a volatility"] == "in no sum"
    assert "for a move of 1 %" in notes["Calls"]
    assert notes["Flip level"].endswith("% from the price")


def test_gamma_of_all_expiries_says_so(dashboard: Dashboard) -> None:
    dashboard.open("?panels=gamma&gamma-expiry=all")
    panel(dashboard, "gamma").scroll_into_view_if_needed()
    dashboard.settle()
    box = menu(dashboard, "Gamma")
    tables = box.get_by_role("button", name="CSV: ")
    expect(box.get_by_role("button", name="CSV: All expiries, ")).to_have_count(tables.count())
    name, _ = saved(dashboard, tables.first)
    assert name.endswith("All expiries, Gamma exposure by strike.csv")


def test_figures_of_a_strategy_are_a_table_of_their_own(dashboard: Dashboard) -> None:
    dashboard.page.add_init_script(WATCH_TEXTS)
    dashboard.open("?panels=strategy&legs=%2B1x24350CE,-2x24400CE")
    found = sheets(dashboard, "Strategy")
    head, *legs = found["Strategy"]
    expiry = head.index("Expiry")
    assert [(row[0], row[expiry]) for row in legs] == [
        ("Buy", datetime(2026, 6, 23)),  # noqa: DTZ001
        ("Sell", datetime(2026, 6, 23)),  # noqa: DTZ001
    ]
    figures = {name: rest for name, *rest in found["Figures of the strategy"][1:]}
    exact = dashboard.page.locator("[data-figure]").evaluate_all(
        "all => Object.fromEntries(all.map(each => [each.dataset.figure, each.dataset.value]))"
    )
    assert exact["loss"] == "unlimited"
    assert figures["Largest loss"][0] is None
    assert figures["Largest loss"][2].startswith("unlimited")
    for name, label in (("premium", "Premium"), ("gain", "Largest gain"), ("delta", "Delta")):
        assert figures[label][0] == pytest.approx(float(exact[name]))
    assert figures["Chance of profit"][0] == pytest.approx(100 * float(exact["probability"]))
    prices = [float(text) for text in exact["break-evens"].split(",")]
    named = [rest[0] for name, rest in figures.items() if name.startswith("Break-even")]
    assert named == pytest.approx(prices)
    assert figures["Theta"][1].endswith("a calendar day")
    box = dashboard.page.get_by_role("group", name="Export: Strategy")
    saved(dashboard, box.get_by_role("button", name="PNG: Figures of the strategy"))
    assert {"Premium", "unlimited"} <= {text for text, _ in written(dashboard.page)}


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG in pixels."""
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])


def test_picture_of_smiles_names_its_lines_and_has_its_whole_title(dashboard: Dashboard) -> None:
    dashboard.page.add_init_script(WATCH_TEXTS)
    dashboard.open("?panels=volatility")
    section = dashboard.page.locator("section.panel[data-panel=volatility]")
    before = section.locator(".plot canvas").first.evaluate("each => [each.width, each.height]")
    box = menu(dashboard, "Volatility")
    _, content = saved(dashboard, box.get_by_role("button", name="PNG: Smiles"))
    texts = [text for text, _ in written(dashboard.page)]
    assert [text.split()[-1] for text in texts if text[0] in "■▪"] == ["23-Jun-2026", "30-Jun-2026"]
    unit = section.locator("figure .unit").first.inner_text()
    title = f"Smiles of the expiries ({unit})"
    first = next(place for place, text in enumerate(texts) if title.startswith(text))
    lines = next(count for count in range(1, 9) if " ".join(texts[first : first + count]) == title)
    assert lines >= 1
    width, height = size_of(content)
    assert width >= 2 * before[0]
    assert height > 2 * before[1]
    after = section.locator(".plot canvas").first.evaluate("each => [each.width, each.height]")
    assert after == before


def test_picture_of_the_heat_map_says_whose_and_has_its_scale(dashboard: Dashboard) -> None:
    dashboard.page.add_init_script(WATCH_TEXTS)
    dashboard.open("?panels=heat")
    box = menu(dashboard, "Heat map")
    saved(dashboard, box.get_by_role("button", name="PNG"))
    texts = [text for text, _ in written(dashboard.page)]
    ends = dashboard.page.locator(".heat-scale span").all_inner_texts()
    assert {"Calls", *ends} <= set(texts)


def test_positions_are_exported_as_numbers(server: Server, dashboard: Dashboard) -> None:
    dashboard.page.add_init_script(WATCH_TEXTS)
    dashboard.open()
    box = menu(dashboard, "the charts")
    _, content = saved(dashboard, box.get_by_role("button", name="CSV: Positions"))
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert head == ["Positions", "Call strike", "Calls", "Put strike", "Puts"]
    found = {name: [float(value) if value else None for value in rest] for name, *rest in rows}
    told = server.get("/option-chain/NIFTY/analytics")
    for label, metric, field in (
        ("Largest OI", "largest_oi", "open_interest"),
        ("Fastest OI", "fastest_oi", "change_in_oi"),
    ):
        for rank in range(3):
            sides = [told[metric][side][rank] for side in ("calls", "puts")]
            wanted = [value for each in sides for value in (each["strike_price"], each[field])]
            assert found[f"{label} {rank + 1} (lots)"] == wanted
    counts = [told["buildup"][side]["long_buildup"] for side in ("calls", "puts")]
    assert found["Long build-up (contracts)"] == [None, counts[0], None, counts[1]]
    saved(dashboard, box.get_by_role("button", name="PNG: Positions"))
    assert {"Calls", "Puts", "Largest OI 1"} <= {text for text, _ in written(dashboard.page)}
