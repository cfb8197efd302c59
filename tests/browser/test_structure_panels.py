"""The panels of the heat map, of gamma exposure and of volatility show what the API answers."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from playwright.sync_api import Locator, Route, expect
from pymongo.database import Database

from chain_fetch.nse.body_parser import parse
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import IST
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SYMBOL_DAYS
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.plots import plotted, watch_plots
from tests.browser.recording import iso, ist, market, snapshots
from tests.browser.screens import PHONE
from tests.browser.server import Json, Server
from tests.browser.test_export import menu, saved
from tests.browser.test_loading import DASH
from tests.browser.test_panels import panel

ANALYTICS = "/option-chain/NIFTY/analytics"
LOT = 65
INTERVAL = timedelta(minutes=5)


def number(text: str) -> float:
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("+", ""))


def choose(dashboard: Dashboard, name: str, value: str) -> None:
    dashboard.page.locator(f'[data-choice="{name}"]').select_option(value)
    dashboard.settle()


def readouts(dashboard: Dashboard, plot: Locator, across: Sequence[float]) -> Iterator[list[str]]:
    """Yield what stands under the pointer at parts of a chart's width, part by part."""
    plot.scroll_into_view_if_needed()
    box = plot.locator(".u-over").bounding_box()
    assert box
    figure = plot.locator("xpath=..")
    for part in across:
        for down in (0.3, 0.7):
            x, y = box["x"] + box["width"] * part, box["y"] + box["height"] * down
            dashboard.page.mouse.move(x, y)
            if text := figure.locator(".readout").inner_text():
                yield re.split(r" {3,}", text)


def cells(table: Locator) -> dict[str, list[str]]:
    """Return the exact values of a table by the names of its rows."""
    rows = table.locator("tbody tr")
    return {
        rows.nth(at).locator("th").inner_text(): rows.nth(at)
        .locator("td")
        .evaluate_all("all => all.map(each => each.dataset.value)")
        for at in range(rows.count())
    }


def exact(value: float | None) -> str:
    return "" if value is None else str(int(value) if float(value).is_integer() else value)


@pytest.mark.parametrize(
    ("side", "kind"), [("calls", "value"), ("puts", "change"), ("net", "value"), ("net", "change")]
)
def test_a_cell_of_the_heat_map_is_the_api_s(
    server: Server, dashboard: Dashboard, side: str, kind: str
) -> None:
    dashboard.open("?panels=heat")
    section = panel(dashboard, "heat")
    expect(section).to_be_visible()
    choose(dashboard, "heat-side", side)
    choose(dashboard, "heat-kind", kind)
    answer = server.get(f"{ANALYTICS}/open-interest/history", interval="5m")
    known: dict[tuple[str, float], float | None] = {}
    for record in answer["records"]:
        begins = record["timestamp"]
        for strike, value in zip(answer["strike_prices"], interest(record, side), strict=True):
            known[begins, strike] = value
    first = answer["records"][0]["timestamp"]
    instants = [datetime.fromisoformat(each["timestamp"]) for each in answer["records"]]
    end = datetime.fromisoformat(answer["records"][-1]["snapshot_timestamp"])
    whole = end - instants[0]
    ends = [min(instant + INTERVAL, end) for instant in instants]
    middles = [
        (begins + (ends - begins) / 2 - instants[0]) / whole
        for begins, ends in zip(instants, ends, strict=True)
    ]
    found = 0
    for times, strike_text, told, price in readouts(dashboard, section.locator(".plot"), middles):
        begins = iso(ist(f"{times[:5]}:00"))
        strike = number(strike_text)
        value, before = known[begins, strike], known[first, strike]
        if kind == "change":
            value = None if value is None or before is None else value - before
        assert told.endswith(" lots") or told == "no number"
        assert (None if told == "no number" else number(told.split()[0])) == value
        record = next(each for each in answer["records"] if each["timestamp"] == begins)
        assert number(price.removeprefix("price ")) == round(record["reference_price"], 2)
        found += 1
    assert found == 2 * len(instants)


def interest(record: Json, side: str) -> list[float | None]:
    calls, puts = record["call_open_interest"], record["put_open_interest"]
    if side != "net":
        chosen: list[float | None] = calls if side == "calls" else puts
        return chosen
    pairs = zip(calls, puts, strict=True)
    return [None if None in pair else pair[0] - pair[1] for pair in pairs]


def test_heat_map_has_no_time_that_was_not_recorded(
    empty_server: Server, new_page: OpenPage
) -> None:
    """A record that begins within an interval, and ends at the beginning of another."""
    for time in ("14:54:55", "14:54:58", "14:57:30", "15:00:00"):
        empty_server.recording.tick("NIFTY", ist(time))
    empty_server.clock.now = ist("15:00:02")
    dashboard = new_page(empty_server)
    dashboard.open("?panels=heat")
    section = panel(dashboard, "heat")
    expect(section.locator(".unseen")).to_contain_text("3 intervals from 14:54:55 to 15:00:00 IST")
    expect(section.locator(".unit")).to_contain_text("times in IST")
    parts = [step / 50 for step in range(50)]
    told = [times for times, *_ in readouts(dashboard, section.locator(".plot"), parts)]
    assert told[0] == "14:54:55\N{EN DASH}14:55:00 IST"
    assert told[-1] == "14:55:00\N{EN DASH}15:00:00 IST"


@pytest.mark.parametrize("kind", ["value", "change"])
def test_words_of_the_heat_map_are_of_the_moment_that_is_replayed(
    server: Server, dashboard: Dashboard, kind: str
) -> None:
    at = iso(ist("12:30:00"))
    dashboard.open(f"?panels=heat&at={at}", state="replay")
    choose(dashboard, "heat-window", "all")
    choose(dashboard, "heat-kind", kind)
    text = panel(dashboard, "heat").locator(".unseen")
    expect(text).to_contain_text("Largest at ")
    chain = server.get("/option-chain/NIFTY", as_of=at)
    numbers = {call["strike_price"]: call["open_interest"] for call in chain["calls"]}
    if kind == "change":
        first = server.get(f"{ANALYTICS}/open-interest/history", interval="5m")["records"][0]
        strikes = server.get(f"{ANALYTICS}/open-interest/history", interval="5m")["strike_prices"]
        before = dict(zip(strikes, first["call_open_interest"], strict=True))
        numbers = {
            strike: value - before[strike]
            for strike, value in numbers.items()
            if before.get(strike) is not None
        }
    moment = datetime.fromisoformat(chain["timestamp"]).astimezone(IST)
    largest = text.inner_text().split(f"Largest at {moment:%H:%M:%S} IST: ")[1]
    strike, value = largest.split(" lots)")[0].split(" (")
    assert numbers[number(strike)] == number(value) == max(numbers.values(), key=abs)


def test_heat_map_ends_with_the_moment_that_is_replayed(
    server: Server, dashboard: Dashboard
) -> None:
    """In the middle of an interval, of which the API tells the end alone."""
    server.recording.tick("NIFTY", ist("11:31:00"))
    at = iso(ist("11:30:00"))
    watch_plots(dashboard.page)
    dashboard.open(f"?panels=heat&at={at}", state="replay")
    section = panel(dashboard, "heat")
    expect(section.locator(".unseen")).to_contain_text(
        "3 intervals from 09:15:00 to 11:30:00 IST. Largest at 11:30:00 IST: "
    )
    price = server.get(ANALYTICS, as_of=at)["reference_price"]
    time, (drawn,) = plotted(section.locator(".plot"))[-1]
    assert (iso(time), drawn) == (at, price)


def test_price_of_the_heat_map_is_drawn_where_it_was(server: Server, dashboard: Dashboard) -> None:
    """Not in the middle of its interval, which may be still to come."""
    watch_plots(dashboard.page)
    dashboard.open("?panels=heat")
    section = panel(dashboard, "heat")
    expect(section.locator(".unseen")).to_contain_text("6 intervals")
    answer = server.get(f"{ANALYTICS}/open-interest/history", interval="5m")
    found = plotted(section.locator(".plot"))
    assert [(iso(time), value) for time, (value,) in found] == [
        (each["snapshot_timestamp"], each["reference_price"]) for each in answer["records"]
    ]
    assert found[-1][0] <= server.clock.now


def test_heat_map_is_exported_as_open_interest_by_time_and_strike(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open("?panels=heat")
    expect(panel(dashboard, "heat").locator(".unseen")).to_contain_text("6 intervals")
    choose(dashboard, "heat-window", "all")
    box = menu(dashboard, "Heat map")
    _, content = saved(dashboard, box.get_by_role("button", name="CSV"))
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert head == ["Time (IST)", "Strike", "Calls: open interest (lots)"]
    answer = server.get(f"{ANALYTICS}/open-interest/history", interval="5m")
    assert [
        (
            iso(datetime.fromisoformat(time).astimezone(UTC)),
            float(strike),
            float(value) if value else None,
        )
        for time, strike, value in rows
    ] == [
        (record["snapshot_timestamp"], strike, value)
        for record in answer["records"]
        for strike, value in zip(answer["strike_prices"], record["call_open_interest"], strict=True)
    ]


def test_heat_map_gets_the_newest_interval_alone(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=heat")
    text = panel(dashboard, "heat").locator(".unseen")
    expect(text).to_contain_text("6 intervals from 09:15:00")
    asked: list[str] = []
    dashboard.page.on("request", lambda request: asked.append(request.url))
    server.bring_news("NIFTY")
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_snapshot(iso(server.clock.now))
    dashboard.settle()
    expect(text).to_contain_text("to 15:03:05 IST")
    (url,) = [each for each in asked if "open-interest/history" in each]
    assert "from=2026-06-19T09%3A30%3A00Z" in url
    newest = server.get(f"{ANALYTICS}/open-interest/history", interval="5m")
    last = newest["records"][-1]["call_open_interest"]
    atm = server.get(ANALYTICS)["atm_strike"]
    rank = newest["strike_prices"].index(atm)
    largest = max(value for value in last[rank - 10 : rank + 11] if value is not None)
    assert f"({largest:,.0f} lots)" in re.sub(r"(\d),(\d\d),(\d{3})", r"\1\2,\3", text.inner_text())


def recorded_with_lots(server: Server, terms: ContractTerms) -> None:
    tick = ist("15:02:30")
    found = server.recording.tick("NIFTY", ist("15:01:30"))
    server.recording.tick("BANKNIFTY", tick)
    server.recording.store("NIFTY", tick, found, facts=SnapshotFacts(terms=terms))


@pytest.mark.parametrize("expiry", ["one", "all"])
def test_gamma_is_in_rupees_where_the_lot_is_known(
    empty_server: Server, new_page: OpenPage, expiry: str
) -> None:
    recorded_with_lots(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open("?panels=gamma")
    section = panel(dashboard, "gamma")
    choose(dashboard, "gamma-expiry", expiry)
    answer = empty_server.get(
        f"{ANALYTICS}/gamma-exposure", expiry="all" if expiry == "all" else "nearest"
    )
    totals = answer["totals"]
    rows = {
        "Calls": totals["call_gamma_exposure_rupees"],
        "Puts": totals["put_gamma_exposure_rupees"],
        "Net: calls less puts": totals["net_gamma_exposure_rupees"],
        "Flip level": answer["flip_level"],
        "Contracts without a volatility": answer["unpriced_legs"],
    }
    net = section.locator("tbody tr", has_text="Net: calls").locator("td").first
    expect(net).to_have_attribute("data-value", exact(totals["net_gamma_exposure_rupees"]))
    shown = cells(section.locator("table"))
    assert {name: float(found[0] or "nan") for name, found in shown.items()} == pytest.approx(
        {name: float("nan") if value is None else value for name, value in rows.items()},
        nan_ok=True,
    )
    expect(section.locator(".unit").first).to_have_text("₹ for a move of 1 %")


def test_gamma_of_a_lot_of_one_unit_says_why(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=gamma")
    section = panel(dashboard, "gamma")
    expect(section).to_contain_text("Not in rupees of the contracts: the lot size is not known")
    expect(section.locator(".unit").first).to_contain_text("a lot of one unit")
    answer = server.get(f"{ANALYTICS}/gamma-exposure")
    shown = cells(section.locator("table"))
    assert float(shown["Net: calls less puts"][0]) == answer["totals"]["net_gamma_exposure"]
    profile = section.locator(".unseen").nth(1).inner_text()
    if answer["flip_level"]:
        assert f"{answer['flip_level']:,.2f}" in profile
    else:
        assert "No flip level" in profile


def test_gamma_is_of_the_snapshot_that_is_replayed(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=gamma&at=2026-06-19T06:00:00Z", state="replay")
    answer = server.get(f"{ANALYTICS}/gamma-exposure", as_of="2026-06-19T06:00:00Z")
    net = panel(dashboard, "gamma").locator("tbody tr", has_text="Net: calls").locator("td").first
    expect(net).to_have_attribute("data-value", exact(answer["totals"]["net_gamma_exposure"]))


def test_expiries_and_smiles_are_those_of_the_api(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=volatility")
    section = panel(dashboard, "volatility")
    table = section.locator("table").nth(1)
    records = server.get(f"{ANALYTICS}/term-structure")["records"]
    expect(table.locator("tbody tr")).to_have_count(len(records))
    names = (
        *("days_to_expiry", "forward", "atm_iv", "straddle_price", "implied_move_percent"),
        *("skew_25_delta", "pcr_oi", "max_pain"),
    )
    for record in records:
        found = [float(text) if text else None for text in cells(table)[record["expiry_date"]]]
        assert found == [record[name] for name in names]
    surface = server.get(f"{ANALYTICS}/surface")["records"]
    ivs = {row["expiry_date"]: {round(iv, 2) for iv in row["iv"] if iv} for row in surface}
    for axis in ("moneyness", "strike", "delta"):
        choose(dashboard, "smile-axis", axis)
        compared = 0
        parts = [step / 20 for step in range(1, 20)]
        for _, *values in readouts(dashboard, section.locator(".plot").first, parts):
            for expiry, iv in (value.split() for value in values):
                assert number(iv) in ivs[expiry]
                compared += 1
        assert compared > 10


def test_rank_and_percentile_have_their_days_or_a_reason(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open("?panels=volatility")
    standing = panel(dashboard, "volatility").locator("table").first
    (row,) = server.get("/screener", symbols="NIFTY")["records"]
    expect(standing.locator("tbody tr")).to_have_count(3)
    shown = cells(standing)
    assert [float(found[0]) if found[0] else None for found in shown.values()] == [
        row["iv_30d"],
        row["iv_rank"],
        row["iv_percentile"],
    ]
    assert row["iv_rank"] is None
    expect(standing).to_contain_text("there is no expiry within 30 days, or none beyond")


def record_with_a_far_expiry(server: Server, *times: str) -> None:
    """Record NIFTY with an expiry more than 30 days ahead, so that there is an iv_30d."""
    for tick in map(ist, times):
        far = market().expiries("NIFTY", tick)[-1]
        body = orjson.dumps(market().chain("NIFTY", far, tick))
        found = (*snapshots("NIFTY", tick), parse(body, "NIFTY", tick))
        server.recording.store("NIFTY", tick, found)


def test_rank_of_a_replay_is_that_of_its_moment(
    empty_server: Server, database: Database[Document], new_page: OpenPage
) -> None:
    """A day that came later, this one among them, is in no rank of a moment before."""
    record_with_a_far_expiry(empty_server, "10:00:00", "15:02:30")
    past = [{"symbol": "NIFTY", "day": ist("05:30") - timedelta(days=back), "iv_30d": 5.0 + back}
            for back in range(1, 25)]  # fmt: skip
    of_today = {"symbol": "NIFTY", "day": ist("05:30"), "iv_30d": 99.0}
    database[SYMBOL_DAYS].insert_many([*past, of_today])
    dashboard = new_page(empty_server)
    dashboard.open("?panels=volatility")
    standing = panel(dashboard, "volatility").locator("table").first
    live = shown_rank(standing)
    dashboard.open(f"?panels=volatility&at={iso(ist('10:00:00'))}", state="replay")
    found = empty_server.get(f"{ANALYTICS}/iv-rank", as_of=iso(ist("10:00:00")))
    assert found["iv_days"] == len(past)
    assert shown_rank(standing) == [found["iv_30d"], found["iv_rank"], found["iv_percentile"]]
    assert shown_rank(standing)[0] != live[0]
    expect(standing).to_contain_text("of 24 recorded days before 19 Jun")
    expect(standing).to_contain_text("% a year, 10:00:00 IST")


def shown_rank(standing: Locator) -> list[float | None]:
    expect(standing.locator("tbody tr").first.locator("td").first).not_to_have_text(DASH)
    return [float(found[0]) if found[0] else None for found in cells(standing).values()]


# Whether each line's name begins right of its colour, on the same line.
BESIDE = """(legend, width) => {
  legend.style.width = `${width}px`;
  return [...legend.querySelectorAll('b')].every(mark => {
    const range = document.createRange();
    range.selectNodeContents(mark.nextSibling);
    const [text, line] = [range, mark].map(each => each.getBoundingClientRect());
    return text.left >= line.right && text.top <= line.top && line.bottom <= text.bottom;
  });
}"""


def test_texts_of_volatility_are_whole_on_a_phone(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server, **PHONE.context)
    dashboard.open("?panels=volatility")
    section = panel(dashboard, "volatility")
    section.scroll_into_view_if_needed()
    expect(section.locator(".heat-scale b")).to_have_count(2)
    standing = section.locator(".number-table").first
    assert standing.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    legend = section.locator(".heat-scale")
    assert all(legend.evaluate(BESIDE, width) for width in range(120, 360, 10))


def test_smiles_that_are_not_drawn_are_told(server: Server, dashboard: Dashboard) -> None:
    """Those of the expiries after the sixth, and what is above the end of the axis."""

    def eight(route: Route) -> None:
        answer = server.get(f"{ANALYTICS}/surface")
        first = answer["records"][0]
        known = [iv for iv in first["iv"] if iv is not None]
        first["iv"] = [*first["iv"][:-1], 5 * min(known)]
        records = [first | {"expiry_date": f"{day}-Jul-2026"} for day in range(10, 18)]
        route.fulfill(json=answer | {"records": records})

    dashboard.page.route("**/analytics/surface?*", eight)
    dashboard.open("?panels=volatility")
    unit = panel(dashboard, "volatility").locator("figure .unit").first
    expect(unit).to_contain_text("; 6 of 8 expiries; cut at ")
    dashboard.page.unroute("**/analytics/surface?*")
    dashboard.open("?panels=volatility")
    expect(unit).to_contain_text("out of the money, ")
    expect(unit).not_to_contain_text("expiries")


# The lines of a chart in the order in which they are drawn: their names, and the lengths of gaps.
DRAWN = """container => watchedPlots.get(container).series.slice(1)
  .map(({label, dash}) => [label, dash ? dash.join() : ''])"""


def test_levels_at_one_strike_are_all_seen(dashboard: Dashboard) -> None:
    """What is drawn over another line has gaps, each of its own lengths."""
    watch_plots(dashboard.page)
    dashboard.open("?panels=levels")
    plot = panel(dashboard, "levels").locator(".plot")
    drawn = dict(plot.evaluate(DRAWN))
    assert list(drawn) == ["Price", "Support", "Resistance", "Max pain"]
    assert drawn["Support"] == ""
    assert "" not in {drawn["Resistance"], drawn["Max pain"]}
    assert drawn["Resistance"] != drawn["Max pain"]


@pytest.mark.parametrize("name", ["gamma", "heat", "volatility"])
def test_what_was_not_asked_for_is_not_called_unknown(
    server: Server, new_page: OpenPage, name: str
) -> None:
    """A panel out of sight asks for nothing after a change of symbol, until it is scrolled to."""
    dashboard = new_page(server, **PHONE.context)
    dashboard.open(f"?panels={name}")
    section = panel(dashboard, name)
    text = section.locator(".unseen").first
    section.scroll_into_view_if_needed()
    dashboard.settle()
    expect(text).not_to_contain_text("Not read yet")
    dashboard.page.evaluate("scrollTo(0, 0)")
    dashboard.page.screenshot()  # after a frame the browser has told what is in sight
    dashboard.choose_symbol("BANKNIFTY")
    expect(text).to_have_text("Not read yet: it is read when it is in sight.")
    assert "known" not in section.inner_text()
    assert "Nothing was recorded" not in section.inner_text()
    section.scroll_into_view_if_needed()
    expect(text).not_to_contain_text("Not read yet")
