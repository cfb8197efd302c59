"""The page says where its numbers come from, and shows those of a source that sends fewer."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import expect

from optionchain.snapshot import Quote, Snapshot
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso, ist, snapshots
from tests.browser.server import Server
from tests.browser.test_accessibility import violations
from tests.browser.test_loading import DASH
from tests.support.two_sources import DERIVED, VENDOR

NEWS = ist("15:02:40")


def of_vendor(chains: Sequence[Snapshot]) -> list[Snapshot]:
    """Return chains as a vendor sends them: no stamp, no totals, and its own volatility."""

    def sent(quote: Quote) -> Quote:
        return quote._replace(implied_volatility=13.7, total_buy_qty=None, total_sell_qty=None)

    return [
        replace(
            each,
            source=VENDOR,
            derived=DERIVED,
            exchange_timestamp=None,
            quotes=tuple(map(sent, each.quotes)),
        )
        for each in chains
    ]


def legend(dashboard: Dashboard) -> None:
    dashboard.page.locator("#legend").click()
    expect(dashboard.page.locator("#legend-panel")).to_be_visible()


def test_page_names_the_source_and_shows_what_it_does_not_send(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(server)
    dashboard.open()
    page, title = dashboard.page, dashboard.page.locator("#chain-note")
    expect(title).to_contain_text("NSE, exchange's stamp 15:02:")
    legend(dashboard)
    expect(page.locator("#derived-note")).to_be_hidden()
    page.keyboard.press("Escape")

    server.clock.now = NEWS + timedelta(seconds=2)
    server.recording.store("NIFTY", NEWS, of_vendor(snapshots("NIFTY", ist("15:04:00"))))
    dashboard.advance(10)
    dashboard.settle()
    expect(title).to_contain_text("Upstox, dated by receipt")
    assert "stamp" not in title.inner_text()
    note = page.locator("#day-note")
    expect(note).to_have_text("In session. The day's numbers are final in the evening.")
    legend(dashboard)
    derived = "Changes are derived: differences of two numbers that Upstox sends."
    expect(page.locator("#derived-note")).to_have_text(derived)
    assert violations(dashboard) == []
    page.keyboard.press("Escape")

    dashboard.show_all_columns()
    totals = page.locator('#chain td[data-column="total_buy_qty"]').all_inner_texts()
    assert set(totals) <= {DASH, ""}
    cell = page.locator('#chain tr.atm td[data-side="call"][data-column="iv"]')
    title_of_cell = cell.get_attribute("title") or ""
    assert "source: 13.70 %, its age is not known" in title_of_cell
    page.locator("#volatility").select_option("exchange")
    dashboard.settle()
    expect(page.locator("#volatility option:checked")).to_have_text("that of Upstox")
    expect(page.locator("#smile-unit")).to_have_text("% a year, that of Upstox")
    expect(cell).to_have_attribute("data-mark", "exchange")
    expect(cell).to_have_text("13.70")

    server.recorder_works = False
    dashboard.advance(70)
    assert dashboard.state == "stale"
    assert "Upstox last confirmed these numbers" in dashboard.notice


def test_times_say_that_they_are_india_s(dashboard: Dashboard) -> None:
    """Each that stands by itself, and the time axis of each chart where its unit stands."""
    at = iso(ist("12:30:00"))
    panels = "levels,heat,contracts,strategy"
    choice = "contracts=24350CE&legs=%2B1x24350CE:23-Jun-2026"
    dashboard.page.set_viewport_size({"width": 1280, "height": 9000})  # all is in sight
    dashboard.open(f"?panels={panels}&{choice}&at={at}", state="replay")
    time = r"\d\d:\d\d(:\d\d)?"
    expect(dashboard.tile("age")).to_contain_text(re.compile(f"confirmed {time} IST"))
    expect(dashboard.page.locator("#chain-note")).to_contain_text(re.compile(f"stamp {time} IST"))
    expect(dashboard.page.locator("#day-note")).to_contain_text(re.compile(f"at {time} IST[.]"))
    told = [
        sentence
        for text in dashboard.page.locator(".unseen").all_inner_texts()
        for sentence in re.split(r"(?<=[.;]) ", text)
        if re.search(time, sentence)
    ]
    assert len(told) > 5
    assert [each for each in told if " IST" not in each] == []
    axes = dashboard.page.locator("figure .unit")
    of_times = [text for text in axes.all_inner_texts() if "times in IST" in text]
    assert len(of_times) == 8
