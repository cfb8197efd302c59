"""The panel of contracts: opened by a click, its numbers the API's, live and in a replay."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from optionchain.exchange_time import IST
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import STEP, iso, ist, snapshots
from tests.browser.screens import PHONE_DARK, WIDE, Screen
from tests.browser.server import Json, Server
from tests.browser.test_accessibility import violations
from tests.browser.test_export import WATCH_TEXTS, menu, saved
from tests.browser.test_loading import DASH
from tests.browser.test_panels import panel
from tests.browser.test_replay import query_of

EXPIRY = "23-Jun-2026"
BOTH = "?panels=contracts&contracts=24350CE,24350PE"
CANDLE = ("open", "high", "low", "close", "volume", "open_interest", "iv", "snapshot_timestamp")

Row = list[float | str | None]


def contracts(dashboard: Dashboard) -> Locator:
    return panel(dashboard, "contracts")


def tables(dashboard: Dashboard) -> list[list[Row]]:
    """Open all tables of the panel; return the time and the exact values of each row."""
    dashboard.settle()
    details = contracts(dashboard).locator("details")
    details.evaluate_all("all => all.forEach(each => { each.open = true; })")
    expect(details.locator("tbody tr").first).to_be_attached()
    found: list[list[list[str]]] = details.evaluate_all(
        """all => all.map(each => [...each.querySelectorAll('tbody tr')].map(
          row => [...row.cells].map(cell => cell.dataset.value)))"""
    )
    return [
        [[time, *(value_of(each) for each in values)] for time, *values in rows] for rows in found
    ]


def value_of(text: str) -> float | str | None:
    """Return the exact value of a cell: a number, or an instant as it is written."""
    return text if "T" in text else float(text) if text else None


def history(server: Server, identifier: str, **query: str) -> list[Json]:
    records: list[Json] = server.get(
        "/option-chain/NIFTY/history",
        **{"identifier": identifier, "from": "2026-06-19", "to": "2026-06-19", **query},
    )["records"]
    return records


def candles(server: Server, side: str, interval: str = "5m") -> list[Row]:
    found = history(server, f"NIFTY_{side}_24350_{EXPIRY}", interval=interval, greeks="true")
    return [[each["timestamp"], *(each[name] for name in CANDLE)] for each in found]


def asked(dashboard: Dashboard, path: str) -> list[dict[str, str]]:
    """Return the queries of the requests whose path ends so."""
    urls = [urlsplit(url) for url in dashboard.log.requests]
    return [
        {name: text for name, (text,) in parse_qs(url.query).items()}
        for url in urls
        if url.path.endswith(path)
    ]


def record_densely(server: Server, since: str, until: str) -> list[datetime]:
    """Record every half minute, each tick between confirmed; return the ticks that are stored."""
    stored = []
    tick, end = ist(since), ist(until)
    while tick <= end:
        server.recording.tick("NIFTY", tick)
        stored.append(tick)
        for number in range(1, 6):
            server.recording.confirm("NIFTY", tick + STEP * number)
        tick += STEP * 6
    return stored


def test_click_on_a_strike_opens_the_day_of_its_call_and_its_put(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    dashboard.page.locator('#chain tr[data-strike="24350"] th').click()
    expect(contracts(dashboard)).to_be_visible()
    assert query_of(dashboard)["contracts"] == "24350CE,24350PE"
    assert tables(dashboard) == [candles(server, "CE"), candles(server, "PE")]
    dashboard.page.locator(
        '#chain tr[data-strike="24400"] [data-column="last_price"]'
    ).first.click()
    assert query_of(dashboard)["contracts"] == "24350CE,24350PE,24400CE"
    dashboard.page.go_back()
    chips = contracts(dashboard).locator("li")
    expect(chips).to_have_count(2)
    chips.get_by_role("button", name="Remove 24,350 CE").click()
    expect(chips).to_have_text([re.compile("^24,350 PE")])
    expect(chips.get_by_role("button")).to_be_focused()
    assert query_of(dashboard)["contracts"] == "24350PE"


def test_enter_on_a_cell_opens_its_contract_and_other_cells_open_none(
    dashboard: Dashboard,
) -> None:
    dashboard.open()
    dashboard.page.locator('#chain tr[data-strike="24350"] td[data-column="iv"]').first.click()
    assert "contracts" not in query_of(dashboard)
    dashboard.page.locator("#chain-scroller").focus()
    dashboard.page.keyboard.press("Enter")
    while "OI" not in dashboard.page.locator("#cell-note").inner_text().split(":")[0].split(", "):
        dashboard.page.keyboard.press("ArrowLeft")
    dashboard.page.keyboard.press("Enter")
    expect(contracts(dashboard)).to_be_visible()
    assert query_of(dashboard)["contracts"] == "24350CE"


def test_interval_is_chosen_and_kept_in_this_browser(server: Server, dashboard: Dashboard) -> None:
    record_densely(server, "14:55:00", "15:02:00")
    dashboard.open(BOTH)
    contracts(dashboard).get_by_label("Interval").select_option("1m")
    assert tables(dashboard)[0] == candles(server, "CE", "1m")
    dashboard.open(BOTH)
    assert tables(dashboard)[1] == candles(server, "PE", "1m")
    assert asked(dashboard, "/NIFTY/history")[-1]["interval"] == "1m"


def test_readout_tells_exact_numbers_and_the_time_in_india(
    server: Server, dashboard: Dashboard
) -> None:
    record_densely(server, "14:30:00", "15:02:00")
    # A chart out of sight is not drawn, and has no readout.
    dashboard.page.set_viewport_size({"width": 1280, "height": 2400})
    dashboard.open(BOTH)
    chart = contracts(dashboard).locator(".candles .u-over").first
    size = chart.bounding_box()
    assert size is not None
    chart.hover(position={"x": 0.97 * size["width"], "y": 20})
    dashboard.advance(1)
    told = contracts(dashboard).locator(".readout").all_inner_texts()
    assert told[0][:8] == told[2][:8]  # one pointer on one time axis
    row = next(each for each in candles(server, "CE") if clock(each[0]) == told[0][:8])
    assert told[0][8:].split() == [
        "IST", "O", f"{row[1]:.2f}", "H", f"{row[2]:.2f}", "L", f"{row[3]:.2f}",
        "C", f"{row[4]:.2f}", "Volume", f"{row[5]:,.0f}",
    ]  # fmt: skip
    held = next(each for each in candles(server, "CE") if clock(each[8]) == told[1][:8])
    assert told[1].endswith(f"Open interest {held[6]:,.0f} lots   IV {held[7]:.2f} %")
    assert re.fullmatch(r"\d\d:\d\d:\d\d IST   Spot 24,\d{3}\.\d\d", told[4])


def test_open_interest_of_a_candle_stands_at_its_last_document(
    server: Server, dashboard: Dashboard
) -> None:
    """Not where the interval begins, which would be before it was known and before a gap."""
    record_densely(server, "14:50:00", "14:51:00")
    record_densely(server, "14:53:30", "14:54:30")
    record_densely(server, "14:57:00", "15:02:00")
    dashboard.open("?panels=contracts&contracts=24350CE")
    documents = history(server, f"NIFTY_CE_24350_{EXPIRY}")
    sent = {clock(each["fetched_at"]): each["open_interest"] for each in documents}
    button = menu(dashboard, "Contracts").get_by_role(
        "button", name="CSV: 24,350 CE: open interest and IV"
    )
    _, content = saved(dashboard, button)
    rows = csv.DictReader(io.StringIO(content.decode()))
    known = {row["Time (IST)"][11:19]: row["Open interest"] for row in rows}
    late = {time: float(text) if text else None for time, text in known.items() if time > "14:52"}
    assert late == {
        "14:54:30": sent["14:54:30"],
        "14:54:55": sent["14:54:30"],  # the last tick before a gap
        "14:55:00": None,
        "14:59:30": sent["14:59:30"],
        "15:02:30": sent["15:02:30"],
    }
    candle = candles(server, "CE")[-1]
    assert (clock(candle[0]), clock(candle[-1])) == ("15:00:00", "15:02:30")


def clock(timestamp: object) -> str:
    """Return the time in India of an instant as the API writes it."""
    return f"{datetime.fromisoformat(str(timestamp)).astimezone(IST):%H:%M:%S}"


def test_new_snapshot_asks_for_the_newest_part_alone(server: Server, dashboard: Dashboard) -> None:
    dashboard.open(BOTH)
    assert tables(dashboard)[0] == candles(server, "CE")
    before = len(asked(dashboard, "/NIFTY/history"))
    dashboard.advance(10)
    assert len(asked(dashboard, "/NIFTY/history")) == before
    server.recording.tick("NIFTY", server.clock.now - timedelta(seconds=2))
    dashboard.advance(5)
    news = asked(dashboard, "/NIFTY/history")[before:]
    newest = iso(ist("15:00:00"))
    assert [each["from"] for each in news] == [newest, newest]
    assert tables(dashboard) == [candles(server, "CE"), candles(server, "PE")]


@pytest.mark.parametrize(("view", "sign"), [("straddle", 1), ("spread", -1)])
def test_two_contracts_are_added_or_compared_at_the_same_instants(
    server: Server, dashboard: Dashboard, view: str, sign: int
) -> None:
    record_densely(server, "15:00:00", "15:02:00")
    dashboard.open(f"{BOTH};view={view}")
    (rows,) = tables(dashboard)
    documents = [history(server, f"NIFTY_{side}_24350_{EXPIRY}") for side in ("CE", "PE")]
    prices = [{each["fetched_at"]: each["last_price"] for each in side} for side in documents]
    known = {str(row[0]): row for row in rows}
    assert prices[0].keys() == prices[1].keys()
    for time, call in prices[0].items():
        put = prices[1][time]
        assert known[time] == [time, call, put, pytest.approx(call + sign * put)]
    # Between 14:15 and 15:00 nothing was recorded: a line ends with the last tick that was.
    gap = {time: row for time, row in known.items() if clock(time).startswith("14:15:")}
    assert [clock(time) for time in gap] == ["14:15:00", "14:15:05", "14:15:10"]
    assert [row[3] is None for row in gap.values()] == [False, False, True]
    lost = contracts(dashboard).locator('tr:has([data-value="2026-06-19T08:45:10Z"]) td').first
    assert lost.get_attribute("title") == "not recorded"
    assert (
        "14:15:10 to 15:00:00"
        not in contracts(dashboard).locator(".panel-note").nth(1).inner_text()
    )


def test_mids_and_ratio_of_any_two_are_in_the_link(server: Server, dashboard: Dashboard) -> None:
    dashboard.open(f"{BOTH},24400PE")
    shown = contracts(dashboard)
    shown.get_by_label("Show").select_option("ratio")
    shown.get_by_label("Second").select_option("2")
    shown.get_by_label("Of", exact=True).select_option("mid")
    assert query_of(dashboard)["contracts"] == (
        "24350CE,24350PE,24400PE;view=ratio;pair=1-3;price=mid"
    )
    last = tables(dashboard)[0][-1]
    one, other = (
        history(server, f"NIFTY_{name}_{EXPIRY}")[-1] for name in ("CE_24350", "PE_24400")
    )
    mids = [(each["bid_price"] + each["ask_price"]) / 2 for each in (one, other)]
    assert last == [one["fetched_at"], *mids, pytest.approx(mids[0] / mids[1])]
    shown.get_by_label("First").select_option("2")
    assert "pair=3-1" in query_of(dashboard)["contracts"]


def test_open_interest_of_several_stands_in_one_chart_and_breaks_where_one_is_missing(
    server: Server, dashboard: Dashboard
) -> None:
    """A snapshot without the contract says nothing of it."""
    record_densely(server, "15:00:00", "15:01:30")
    tick = ist("15:02:00")
    others = [
        replace(each, quotes=tuple(leg for leg in each.quotes if leg.strike_price != 24350))
        for each in snapshots("NIFTY", tick)
    ]
    server.recording.store("NIFTY", tick, others, legs_missing=2)
    dashboard.open("?panels=contracts&contracts=24350CE,24400CE;view=oi")
    (rows,) = tables(dashboard)
    known = {clock(row[0]): row[1:] for row in rows}
    first, second = (
        {clock(each["fetched_at"]): each["open_interest"] for each in history(server, name)}
        for name in (f"NIFTY_CE_24350_{EXPIRY}", f"NIFTY_CE_24400_{EXPIRY}")
    )
    assert known["15:01:30"] == [first["15:01:30"], second["15:01:30"]]
    assert known["15:01:55"] == known["15:01:30"]
    assert known["15:02:00"] == [None, second["15:02:00"]]
    assert known["15:02:30"] == [first["15:02:30"], second["15:02:30"]]


def test_volume_that_is_not_known_has_its_reason(server: Server, dashboard: Dashboard) -> None:
    news = [replace(each, source="upstox") for each in snapshots("NIFTY", ist("12:00:00"))]
    server.recording.store("NIFTY", ist("12:00:00"), news)
    dashboard.open("?panels=contracts&contracts=24350CE")
    (rows,) = tables(dashboard)
    assert rows == candles(server, "CE")
    lost = contracts(dashboard).locator('tr:has([data-value="2026-06-19T06:30:00Z"]) td').nth(4)
    assert lost.inner_text() == DASH
    assert lost.get_attribute("title") == "two sources count differently"


def test_replay_shows_what_was_known_then_and_asks_for_the_day_once(
    server: Server, dashboard: Dashboard
) -> None:
    """A candle is shown once it is whole: its end was still to come."""
    server.recording.tick("NIFTY", ist("11:31:00"))
    day = candles(server, "CE")
    at, end = "2026-06-19T06:00:00Z", "2026-06-19T06:01:00Z"
    assert [row[-1] for row in day if row[0] == at] == [end]
    dashboard.open(f"{BOTH}&at={at}", state="replay")
    assert tables(dashboard)[0] == [row for row in day if str(row[0]) < at]
    assert len(asked(dashboard, "/NIFTY/history")) == 2
    dashboard.advance(10)
    dashboard.page.locator("#step-forward").click()
    dashboard.settle()
    assert tables(dashboard)[0] == [row for row in day if str(row[0]) <= at]
    dashboard.page.locator("#time").press("End")
    dashboard.rest_slider()
    assert tables(dashboard)[0] == day
    assert len(asked(dashboard, "/NIFTY/history")) == 2


def test_nothing_that_is_whole_yet_is_said(server: Server, dashboard: Dashboard) -> None:
    server.recording.tick("NIFTY", ist("09:16:00"))
    dashboard.open(f"{BOTH}&at={iso(ist('09:15:00'))}", state="replay")
    nothing = "nothing to show by 09:15:00 IST."
    expect(contracts(dashboard)).to_contain_text(f"24,350 CE: {nothing}")
    words = contracts(dashboard).locator(".plot-words").first
    expect(words).to_have_text(nothing.capitalize().replace("ist", "IST"))


def test_click_in_a_chart_shows_the_chain_of_that_moment(dashboard: Dashboard) -> None:
    dashboard.open(f"{BOTH};view=straddle")
    chart = contracts(dashboard).locator(".u-over").first
    size = chart.bounding_box()
    assert size is not None
    chart.click(position={"x": size["width"] / 2, "y": 20})
    dashboard.wait_for_state("replay")
    assert contracts(dashboard).locator("li").count() == 2


def test_contracts_stay_the_same_at_another_expiry_and_go_with_the_symbol(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open(BOTH)
    later = server.get("/option-chain/NIFTY/expiry-dates")["expiry_dates"][1]
    dashboard.page.locator("#expiry").select_option(later)
    assert query_of(dashboard)["contracts"] == f"24350CE@{EXPIRY},24350PE@{EXPIRY}"
    assert tables(dashboard)[0] == candles(server, "CE")
    expect(contracts(dashboard).locator("li").first).to_contain_text(f"24,350 CE {EXPIRY}")
    dashboard.choose_symbol("BANKNIFTY")
    assert "contracts" not in query_of(dashboard)
    contracts(dashboard).get_by_role("button", name="at the money").click()
    dashboard.settle()
    strike = f"{server.get('/option-chain/BANKNIFTY/analytics')['atm_strike']:g}"
    assert query_of(dashboard)["contracts"] == f"{strike}CE,{strike}PE"


@pytest.mark.parametrize(("choice", "told"), [
    ("24350CE,<b>;view=pie", ["“<b>”", "“view=pie”"]),
    ("24350CE,24351PE", ["24,351 PE: No contract of NIFTY with identifier"]),
    ("24350CE,24350PE@30-Jun-2099", ["24,350 PE 30-Jun-2099: No snapshot of NIFTY"]),
    ("24350CE;view=ratio", ["This view needs two contracts"]),
    ("", ["Click on a strike of the chain"]),
])  # fmt: skip
def test_what_is_wrong_with_a_link_is_said(
    dashboard: Dashboard, choice: str, told: Sequence[str]
) -> None:
    dashboard.open(f"?panels=contracts&contracts={choice.replace(';', '%3B')}")
    expect(contracts(dashboard)).to_be_visible()
    dashboard.settle()
    text = contracts(dashboard).inner_text()
    assert [each for each in told if each not in text] == []
    assert contracts(dashboard).locator("b").count() == 0


@pytest.mark.parametrize("screen", [WIDE, PHONE_DARK], ids=lambda screen: screen.name)
@pytest.mark.parametrize("view", ["candles", "oi", "ratio"])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(
    server: Server, new_page: OpenPage, screen: Screen, view: str
) -> None:
    options: dict[str, Any] = screen.context
    dashboard = new_page(server, **options)
    dashboard.open(f"{BOTH},24400CE@30-Jun-2026;view={view}")
    assert tables(dashboard)
    assert dashboard.page.evaluate("document.documentElement.scrollWidth") <= screen.width
    assert violations(dashboard, "section.panel") == []


def test_axis_of_volatility_has_its_unit(dashboard: Dashboard) -> None:
    dashboard.page.add_init_script(WATCH_TEXTS)
    dashboard.open("?panels=contracts&contracts=24350CE")
    lines = panel(dashboard, "contracts").locator("figure").filter(has_text="open interest and IV")
    lines.first.scroll_into_view_if_needed()
    dashboard.page.wait_for_function(
        r"() => writtenTexts.some(([text]) => /^\d+(\.\d+)? %$/.test(text))"
    )
