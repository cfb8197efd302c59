"""The page says what its numbers mean: frozen, settled, new, not traded, and of which source."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from optionchain.exchange_time import IST
from optionchain.snapshot import Leg, Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser import expected
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.plots import watch_plots
from tests.browser.recording import SYMBOLS, iso, ist, snapshots
from tests.browser.screens import PHONE, WIDE_DARK, Screen
from tests.browser.server import Server
from tests.browser.test_accessibility import FOCUSED, violations
from tests.browser.test_loading import DASH, in_the_money

NEWS = ist("15:02:40")
SMALLEST_PHONE = Screen("smallest-phone-dark", "dark", 360, 740)
IN_SESSION = "In session. The day's numbers are final in the evening."
NOT_YET = "Not settled yet: the exchange revises open interest until about 19:16 IST."
# How far the forward is from the price that stands still.
APART = 130.0

type Change = Callable[[Quote], Quote]


def day_of_auction(time: str) -> datetime:
    """Return a time of a Tuesday on which an expiry ends and a closing auction is held, in UTC."""
    return datetime.fromisoformat(f"2026-08-18T{time}").replace(tzinfo=IST).astimezone(UTC)


def frozen(server: Server, time: str, *, since: str = "15:16:00") -> None:
    """Record a chain of that day whose spot has stood still; nothing else is recorded."""
    now = day_of_auction(time)
    stands = SnapshotFacts(
        underlying_since=day_of_auction(since), frozen_since=day_of_auction(since)
    )
    server.clock.now = now + timedelta(seconds=2)
    for symbol in SYMBOLS:
        chains = [
            replace(each, underlying_value=(each.underlying_value or 0) - APART)
            for each in snapshots(symbol, now)
        ]
        server.recording.store(symbol, now, chains, facts=stands)


def special(server: Server, change: Change, facts: SnapshotFacts | None = None) -> None:
    """Record the market of a minute later, with other contracts."""
    server.clock.now = NEWS + timedelta(seconds=2)
    chains = [
        replace(each, exchange_timestamp=NEWS, quotes=tuple(map(change, each.quotes)))
        for each in snapshots("NIFTY", ist("15:04:00"))
    ]
    server.recording.store("NIFTY", NEWS, chains, facts=facts or SnapshotFacts())


def atm(server: Server) -> float:
    strike: float = server.get("/option-chain/NIFTY/analytics")["atm_strike"]
    return strike


def cell(dashboard: Dashboard, strike: float, column: str, side: str = "call") -> Locator:
    """Return the cell of a strike, a column and a side."""
    row = f'#chain tr[data-strike="{strike:g}"]'
    return dashboard.page.locator(f'{row} td[data-side="{side}"][data-column="{column}"]')


def note(dashboard: Dashboard) -> str:
    return dashboard.page.locator("#day-note").inner_text()


def test_while_the_spot_stands_still_the_forward_says_where_the_money_is(
    empty_server: Server, new_page: OpenPage
) -> None:
    frozen(empty_server, "15:20:00")
    dashboard = new_page(empty_server)
    dashboard.open()
    analytics = empty_server.get("/option-chain/NIFTY/analytics")
    forward, strikes = analytics["reference_price"], dashboard.contents().strikes
    spot = analytics["underlying_value"]
    assert forward - spot > APART / 2
    assert note(dashboard).startswith(
        "The price of NIFTY has stood still since 15:16 IST (closing auction). "
    )
    assert f" The forward, {forward:,.2f}, is used in its place." in note(dashboard)
    assert "still since 15:16 IST" in dashboard.tile("underlying_value").inner_text()
    assert in_the_money(dashboard, "call") == [strike for strike in strikes if strike < forward]
    assert in_the_money(dashboard, "put") == [strike for strike in strikes if strike > forward]
    nearest = min(strikes, key=lambda strike: abs(strike - forward))
    expect(dashboard.page.locator("#chain tr.atm")).to_have_attribute("data-strike", f"{nearest:g}")
    for name in ("max_pain", "support", "resistance"):
        assert "from forward" in dashboard.tile(name).inner_text()
    assert f"Forward {forward:,.2f}." in dashboard.page.locator("#chart-oi-text").inner_text()


@pytest.mark.parametrize(
    ("time", "since", "said"),
    [
        ("15:31:00", "15:16:00", "NIFTY has not been traded since 15:16 IST (closing auction). "),
        ("11:10:00", "11:02:00", "NIFTY has stood still since 11:02 IST: its feed is cut off. "),
        ("15:36:00", "15:16:00", "The payoff is fixed: no volatility and no Greek is left."),
    ],
)
def test_note_says_why_the_price_stands(
    empty_server: Server, new_page: OpenPage, time: str, since: str, said: str
) -> None:
    frozen(empty_server, time, since=since)
    dashboard = new_page(empty_server)
    dashboard.open()
    assert said in note(dashboard)


def test_fixed_payoff_leaves_no_greek_and_says_why(
    empty_server: Server, new_page: OpenPage
) -> None:
    frozen(empty_server, "15:36:00")
    dashboard = new_page(empty_server)
    dashboard.open()
    iv = cell(dashboard, dashboard.contents().strikes[3], "iv")
    expect(iv).to_have_text(DASH)
    why = "what these contracts pay is fixed: no volatility is left"
    assert (iv.get_attribute("title") or "").startswith(why)
    expect(dashboard.tile("atm_iv")).to_have_attribute("title", why)


def test_price_without_a_trade_today_is_marked_as_of_an_earlier_day(
    server: Server, new_page: OpenPage
) -> None:
    strike = atm(server)

    def untraded(quote: Quote) -> Quote:
        idle = quote.leg == (strike, "CE")
        return quote._replace(total_traded_volume=0.0, last_price=77.0) if idle else quote

    special(server, untraded)
    dashboard = new_page(server)
    dashboard.open()
    price = cell(dashboard, strike, "last_price")
    expect(price).to_have_text("77.00")
    expect(price).to_have_attribute("data-mark", "aside")
    expect(price).to_have_attribute("title", "no trade today: this price is of an earlier day")
    expect(price).to_have_css("font-style", "italic")
    assert cell(dashboard, strike, "last_price", "put").get_attribute("data-mark") is None
    assert server.get("/option-chain/NIFTY/analytics")["straddle_price"] > 0


def test_new_contract_is_marked_and_shows_no_change_of_0(
    server: Server, new_page: OpenPage
) -> None:
    """Of a contract listed today all open interest is new; of another one nothing is known."""
    strike = atm(server)
    today: Leg = (strike, "CE")
    unknown: Leg = (strike + 50, "PE")

    def unchanged(quote: Quote) -> Quote:
        return quote._replace(change_in_oi=0.0, pchange_in_oi=0.0)

    new: frozenset[Leg] = frozenset([today, unknown, (strike - 100, "CE"), (strike - 100, "PE")])
    facts = SnapshotFacts(new_legs=new, listed_on={today: NEWS.date()})
    special(server, lambda quote: unchanged(quote) if quote.leg in new else quote, facts)
    dashboard = new_page(server)
    dashboard.open()
    dashboard.show_all_columns()
    marks = dashboard.page.locator("#chain tbody th small").all_inner_texts()
    assert marks == ["new", "new call", "new put"]
    head = dashboard.page.locator(f'#chain tr[data-strike="{strike:g}"] th')
    assert "call listed on 19-Jun-2026" in (head.get_attribute("title") or "")
    answer = expected.legs(expected.chain(server))
    change = cell(dashboard, strike, "oi_since_previous_close")
    expect(change).to_have_attribute("data-value", f"{answer[strike, 'call']['open_interest']:g}")
    for column in ("pchange_in_oi", "change", "pchange", "buildup"):
        expect(cell(dashboard, strike, column)).to_have_text(DASH)
    missing = cell(dashboard, unknown[0], "oi_since_previous_close", "put")
    expect(missing).to_have_text(DASH)
    expect(missing).to_have_attribute(
        "title", "new: there is no close of the day before to count from"
    )
    assert " · 4 new · " in dashboard.page.locator("#chain-note").inner_text()


def test_contract_that_may_be_new_shows_no_change_of_0_and_says_why(
    server: Server, new_page: OpenPage
) -> None:
    """The first day of a record: nothing marks it as new, and nothing counts from its 0."""
    doubted: Leg = (atm(server), "CE")

    def unchanged(quote: Quote) -> Quote:
        quote = quote._replace(open_interest=700.0, total_traded_volume=900.0)
        return quote._replace(change_in_oi=0.0, pchange_in_oi=0.0)

    facts = SnapshotFacts(doubted_legs=frozenset([doubted]))
    special(server, lambda quote: unchanged(quote) if quote.leg == doubted else quote, facts)
    dashboard = new_page(server)
    dashboard.open()
    dashboard.show_all_columns()
    expect(dashboard.page.locator("#chain tbody th small")).to_have_count(0)
    why = "perhaps new: nothing recorded shows a day before to count from"
    for column in ("oi_since_previous_close", "pchange_in_oi", "change", "pchange", "buildup"):
        shown = cell(dashboard, doubted[0], column)
        expect(shown).to_have_text(DASH)
        expect(shown).to_have_attribute("title", why)


def test_each_volatility_tells_its_source_and_what_the_exchange_sent(
    server: Server, new_page: OpenPage
) -> None:
    strike = atm(server)
    at_last, sent, none = strike - 50, strike + 50, strike - 100

    def priced(quote: Quote) -> Quote:
        quote = quote._replace(implied_volatility=12.4)
        if quote.strike_price in {at_last, sent, none}:
            quote = quote._replace(bid_price=None, ask_price=None, bid_qty=0, ask_qty=0)
        if quote.strike_price == sent:
            quote = quote._replace(last_price=0.01)
        if quote.strike_price == none:
            quote = quote._replace(total_traded_volume=0.0)
        return quote

    since = NEWS - timedelta(minutes=8, seconds=5)
    facts = SnapshotFacts(iv_as_of={(strike, "CE"): since, (sent, "PE"): NEWS})
    special(server, priced, facts)
    dashboard = new_page(server)
    dashboard.open()

    def title(strike: float, side: str = "call") -> Sequence[str]:
        return (cell(dashboard, strike, "iv", side).get_attribute("title") or "").split("\n")

    theirs = "exchange: 12.40 %"
    assert title(strike) == ["solved from the mid of bid and ask", f"{theirs}, 8 min old"]
    assert title(at_last) == ["solved from the last price", f"{theirs}, its age is not known"]
    last_resort = "as the exchange sent it: the contract's own price gives none"
    assert title(sent, "put") == [last_resort, f"{theirs}, new"]
    assert title(none)[0] == "no trade today, and no bid with an ask"
    marks = [
        cell(dashboard, each, "iv", side).get_attribute("data-mark")
        for each, side in ((strike, "call"), (at_last, "call"), (sent, "put"), (none, "call"))
    ]
    assert marks == [None, "last", "exchange", None]
    # The smile leaves the last resort out, and a last price in the money: they would be kinks.
    smile = dashboard.page.locator("#chart-smile-text").inner_text()
    assert "12.40 %" not in smile


# Where the drawn part of a chart ends, and how many of its values are above that.
ABOVE = """container => {
  const {data, scales} = watchedPlots.get(container);
  const above = data.slice(1).flat().filter(value => value > scales.y.max);
  return [scales.y.max, above.length];
}"""


def test_smile_says_how_many_points_are_above_what_is_drawn(
    server: Server, new_page: OpenPage
) -> None:
    middle = atm(server)
    far = {middle + 650: 40.0, middle + 700: 50.0}
    special(server, lambda q: q._replace(implied_volatility=far.get(q.strike_price, 12.0)))
    dashboard = new_page(server)
    watch_plots(dashboard.page)
    dashboard.page.add_init_script("localStorage.setItem('option-chain.volatility', 'exchange')")
    dashboard.open()
    unit = dashboard.page.locator("#smile-unit")
    text = dashboard.page.locator("#chart-smile-text")
    plot = dashboard.page.locator("#chart-smile")
    for size, above in (("20", 4), ("10", 0), ("all", 4)):
        dashboard.page.locator("#window").select_option(size)
        cut = f"; cut at 34 %, {above} points above" if above else ""
        expect(unit).to_have_text(f"% a year, the exchange's{cut}")
        told = text.inner_text().partition(" The chart is ")[2]
        assert told == (f"cut at 34 %, {above} points above." if above else "")
        plot.scroll_into_view_if_needed()
        dashboard.page.screenshot()  # after a frame the browser has told what is in sight
        dashboard.settle()
        end, found = plot.evaluate(ABOVE)
        assert found == above
        assert round(end) == (34 if above else 12)
    assert violations(dashboard) == []


def test_choice_of_volatilities_is_kept_and_reaches_every_number(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    solved = dashboard.contents()
    dashboard.page.locator("#volatility").select_option("exchange")
    dashboard.settle()
    for _ in range(2):
        sent = dashboard.contents()
        assert expected.differences(server, sent, iv_source="exchange") == []
        assert sent.tiles["atm_iv"] != solved.tiles["atm_iv"]
        expect(dashboard.page.locator("#smile-unit")).to_have_text("% a year, the exchange's")
        dashboard.page.reload()
        dashboard.wait_for_state("live")
        dashboard.settle()
        expect(dashboard.page.locator("#volatility")).to_have_value("exchange")
    # The line of the day stays one of volatilities from prices.
    text = dashboard.page.locator("#chart-underlying-text").inner_text()
    assert f"to {solved.tiles['atm_iv']:.2f} at 15:02:30" in text
    dashboard.page.locator("#time").fill("1")
    dashboard.rest_slider()
    at = dashboard.contents().timestamp
    dashboard.page.locator("#volatility").select_option("price")
    dashboard.settle()
    assert expected.differences(server, dashboard.contents(), as_of=at) == []


def evening(server: Server, *, settled: bool) -> None:
    """Let the day end, and record its chain at 19:45, settled or not."""
    closing, read = ist("15:30:00"), ist("19:45:00")
    chains: list[Snapshot] = [
        replace(each, exchange_timestamp=closing) for each in snapshots("NIFTY", closing)
    ]
    server.recording.store("NIFTY", closing, chains)
    if settled:
        server.recording.store("NIFTY", read, chains_rewritten(chains), settled=True)


def chains_rewritten(chains: Sequence[Snapshot]) -> list[Snapshot]:
    """Return chains with less open interest, as the exchange rewrites them."""
    return [
        replace(
            each,
            quotes=tuple(
                quote._replace(open_interest=(quote.open_interest or 1) - 1)
                for quote in each.quotes
            ),
        )
        for each in chains
    ]


@pytest.mark.parametrize(
    ("now", "settled", "said"),
    [
        ("2026-06-19T17:00:00", False, NOT_YET),
        ("2026-06-19T20:00:00", True, "Settled (evening of 19 Jun): "),
        ("2026-06-19T21:30:00", False, "19 Jun has no settled chain: "),
        ("2026-06-22T08:30:00", True, "Settled (evening of 19 Jun): "),
        ("2026-06-22T08:30:00", False, "19 Jun has no settled chain: "),
    ],
)
def test_page_says_whether_the_day_is_settled(
    server: Server, new_page: OpenPage, now: str, settled: bool, said: str
) -> None:
    evening(server, settled=settled)
    server.clock.now = datetime.fromisoformat(now).replace(tzinfo=IST).astimezone(UTC)
    dashboard = new_page(server)
    dashboard.open()
    assert note(dashboard).startswith(said)
    # A browser with a wrong clock is told the same.
    dashboard.page.clock.set_fixed_time(server.clock.now - timedelta(days=3))
    dashboard.hide()
    dashboard.show()
    dashboard.settle()
    assert note(dashboard).startswith(said)
    if "06-22" in now:  # the day that is shown is not today's
        assert dashboard.page.locator("#time-label").inner_text().endswith(" IST, 19 Jun")


def test_charts_of_the_day_end_with_the_session(server: Server, new_page: OpenPage) -> None:
    """Nothing is traded in the evening; the slider has the settled chain all the same."""
    evening(server, settled=True)
    server.clock.now = datetime.fromisoformat("2026-06-19T20:00:00").replace(tzinfo=IST)
    dashboard = new_page(server)
    dashboard.open()
    assert note(dashboard).startswith("Settled")
    for name in ("chart-pcr", "chart-underlying"):
        told = dashboard.page.locator(f"#{name}-text").inner_text()
        assert " at 15:30:00" in told
        assert "19:45" not in told
    assert "19:45:00" in dashboard.page.locator("#time-label").inner_text()


def test_lines_of_the_day_follow_the_forward_and_end_with_the_session(
    empty_server: Server, new_page: OpenPage
) -> None:
    """The settled chain comes hours later: it is a step of the slider and no point of a line."""
    for time in ("15:10:00", "15:12:00"):
        empty_server.recording.tick("NIFTY", day_of_auction(time))
    frozen(empty_server, "15:20:00")
    read = day_of_auction("19:45:00")
    chains = [
        replace(each, exchange_timestamp=day_of_auction("15:40:00"))
        for each in snapshots("NIFTY", day_of_auction("15:40:00"))
    ]
    empty_server.recording.store("NIFTY", read, chains, settled=True)
    empty_server.clock.now = read + timedelta(minutes=5)
    dashboard = new_page(empty_server)
    dashboard.open()
    expect(dashboard.page.locator("#time")).to_have_attribute("max", "3")
    text = dashboard.page.locator("#chart-underlying-text").inner_text()
    spot, _, forward = text.split(": from ")[1:]
    assert " at 15:10:00 to " in spot
    assert " at 15:12:00 IST; " in spot
    assert " at 15:20:00 to " in forward
    assert "19:45" not in text


def test_moment_of_a_settled_day_is_shown_as_it_was(server: Server, new_page: OpenPage) -> None:
    evening(server, settled=True)
    server.clock.now = ist("21:30:00")
    dashboard = new_page(server)
    dashboard.open(f"?symbol=NIFTY&at={iso(ist('11:30:00'))}", state="replay")
    assert note(dashboard) == "As it was at 11:30:00 IST. The day's last chain is the settled one."


def test_session_is_not_called_settled(live_page: Dashboard) -> None:
    expect(live_page.page.locator("#day-note")).to_have_text(IN_SESSION)


@pytest.mark.parametrize(
    "screen", [WIDE_DARK, PHONE, SMALLEST_PHONE], ids=lambda screen: screen.name
)
def test_marks_and_notes_fit_and_are_legible(
    empty_server: Server, new_page: OpenPage, screen: Screen
) -> None:
    frozen(empty_server, "15:20:00")
    dashboard = new_page(empty_server, **screen.context)
    dashboard.open()
    page = dashboard.page
    assert page.evaluate("document.documentElement.scrollWidth") <= screen.width
    text = page.locator("#day-note")
    assert text.evaluate("each => each.scrollHeight <= each.clientHeight + 1")
    page.locator("#legend").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#legend-panel")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= screen.width
    assert violations(dashboard) == []
    page.keyboard.press("Escape")
    expect(page.locator("#legend-panel")).to_be_hidden()
    assert page.evaluate(FOCUSED)[0] == "legend"


def test_note_of_a_cell_is_read_by_keyboard_and_by_touch(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(server)
    dashboard.open()
    page, strike = dashboard.page, atm(server)
    text = page.locator("#cell-note")
    page.locator("#chain-scroller").focus()
    page.keyboard.press("Enter")
    expect(text).to_have_text(re.compile(rf"^{strike:,.0f} call, Chg: [+\u2212]?[\d.]+$"))
    for _ in range(2):  # past the last price
        page.keyboard.press("ArrowLeft")
    solved = (
        r"call, IV: [\d.]+ \(solved from the mid of bid and ask; exchange: [\d.]+ %, .* known\)$"
    )
    expect(text).to_have_text(re.compile(rf"^{strike:,.0f} {solved}"))
    page.keyboard.press("ArrowUp")
    expect(text).to_have_text(re.compile(rf"^{strike - 50:,.0f} call, IV: "))
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    assert page.evaluate(FOCUSED)[0] == "chain-scroller"
    cell(dashboard, strike, "iv", "put").click()
    expect(text).to_have_text(re.compile(rf"^{strike:,.0f} put, IV: "))
    assert violations(dashboard, "#cell-note") == []
