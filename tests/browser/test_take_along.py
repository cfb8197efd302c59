"""Tables and charts taken along: CSV, Excel, pictures, and lines of code that run elsewhere."""

import csv
import io
import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pandas
import pytest
from playwright.sync_api import Locator, expect
from starlette.testclient import TestClient

from optionchain.exchange_time import IST
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.server import Server

PNG = b"\x89PNG\r\n\x1a\n"


def menu(dashboard: Dashboard, label: str) -> Locator:
    """Open what can be taken along of a section."""
    name = f"Take along: {label}"
    dashboard.page.get_by_role("button", name=name).click()
    box = dashboard.page.get_by_role("group", name=name)
    expect(box.get_by_role("button").first).to_be_visible()
    return box


def taken(dashboard: Dashboard, button: Locator) -> tuple[str, bytes]:
    """Press a button; return name and content of the file that is saved."""
    with dashboard.page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_chain_as_csv_has_every_number_of_the_api(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    box = menu(dashboard, "the chain")
    name, content = taken(dashboard, box.get_by_role("button", name="CSV"))
    assert re.fullmatch(r"NIFTY 23-Jun-2026, 19 Jun 2026 15-02-30 IST .*\.csv", name)
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert {"Strike", "Call OI", "Put OI", "Call LTP", "Put LTP"} <= set(head)
    strikes = {float(row[head.index("Strike")]): row for row in rows if row[head.index("Strike")]}
    chain = server.get("/option-chain/NIFTY", layout="rows", greeks="true")["rows"]
    assert len(strikes) >= len(chain) > 50
    for row in chain:
        found = strikes[row["strike_price"]]
        for side in ("call", "put"):
            leg: dict[str, Any] = row[side] or {}
            text = found[head.index(f"{side.title()} LTP")]
            assert (float(text) if text else None) == leg.get("last_price")


def test_charts_as_one_workbook_with_dates_in_ist_and_numbers(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    box = menu(dashboard, "the charts")
    name, content = taken(dashboard, box.get_by_role("button", name="Excel"))
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
    name, content = taken(dashboard, box.get_by_role("button", name="PNG").first)
    assert name.endswith(".png")
    assert content.startswith(PNG)
    assert len(content) > 5_000


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
    dashboard.page.get_by_role("button", name="Take along: the chain").click()
    box = dashboard.page.get_by_role("group", name="Take along: the chain")
    expect(box).to_contain_text("There is nothing to take along yet.")
