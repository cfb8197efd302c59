"""New data appear by themselves, complete; unchanged data cost nothing."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from optionchain.snapshot import Snapshot
from tests.browser import expected
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso, ist, snapshots
from tests.browser.server import Server

# The page polls as often as the recorder records.
POLL_SECONDS = 5
NEWS = ist("15:02:40")


def moved() -> Sequence[Snapshot]:
    """Return the market of a minute later, under another tick."""
    return [replace(each, exchange_timestamp=NEWS) for each in snapshots("NIFTY", ist("15:04:00"))]


def test_new_snapshot_appears_within_a_poll_in_the_same_rows(
    server: Server, dashboard: Dashboard
) -> None:
    """A row made anew would lose what the user has selected, focused or scrolled to."""
    dashboard.open()
    before = dashboard.contents()
    dashboard.page.evaluate(
        "window.rows = [...document.querySelectorAll('#chain tbody tr[data-strike]')]"
    )
    dashboard.advance(3)
    server.recording.store("NIFTY", NEWS, moved())
    dashboard.advance(POLL_SECONDS)
    contents = dashboard.contents()
    assert contents.timestamp == iso(NEWS)
    assert contents.cells != before.cells
    assert expected.differences(server, contents) == []
    assert dashboard.page.evaluate("window.rows.every(row => row.isConnected)")


def test_page_says_that_contracts_are_missing_since_the_snapshot_before(
    server: Server, dashboard: Dashboard
) -> None:
    """Sums jump by them, and nothing happened in the market."""
    noon = [replace(each, quotes=each.quotes[1:]) for each in snapshots("NIFTY", ist("12:00:00"))]
    server.recording.store("NIFTY", ist("12:00:00"), noon, legs_missing=1)
    dashboard.open()
    note = dashboard.page.locator("#chain-note")
    assert "missing" not in note.inner_text()
    lost = [replace(each, quotes=each.quotes[2:]) for each in moved()]
    server.recording.store("NIFTY", NEWS, lost, legs_missing=2)
    dashboard.advance(2 * POLL_SECONDS)
    assert dashboard.contents().timestamp == iso(NEWS)
    assert note.inner_text().endswith(" · 2 contracts missing since before")
    # The chart of the day says it of noon, which is a little before its middle; right after it
    # nothing was recorded.
    over = dashboard.page.locator("#chart-pcr .u-over")
    width = float(over.evaluate("over => over.clientWidth"))
    over.hover(position={"x": 0.44 * width, "y": 20})
    dashboard.advance(1)
    readout = dashboard.page.locator("figure:has(#chart-pcr) .readout").inner_text()
    assert readout.startswith("12:00:00")
    assert readout.endswith(" 1 contract missing since before")


def test_charts_of_the_day_say_from_when_on_another_source_was_recorded(
    server: Server, dashboard: Dashboard
) -> None:
    """Also to those who do not see the mark in the chart."""
    told = dashboard.page.locator("#chart-pcr-text")
    dashboard.open()
    assert "from NSE" not in told.inner_text()
    of_upstox = [replace(each, source="upstox") for each in snapshots("NIFTY", ist("12:00:00"))]
    server.recording.store("NIFTY", ist("12:00:00"), of_upstox)
    dashboard.open()
    assert told.inner_text().endswith(
        "From 12:00:00 IST on from Upstox. From 13:00:00 IST on from NSE."
    )


def test_numbers_of_two_snapshots_never_mix(server: Server, dashboard: Dashboard) -> None:
    """Not even where the next snapshot comes between the requests for chain and analytics."""
    news = [ist(time) for time in ("15:03:30", "15:03:00")]

    def record_next(path: str) -> None:
        if path == "/option-chain/NIFTY" and news:
            server.clock.now = news.pop()
            server.recording.tick("NIFTY", server.clock.now)

    dashboard.open()
    server.proxy.on_answer = record_next
    shown: list[str] = []
    for _ in range(3):
        dashboard.hide()
        dashboard.show()
        dashboard.settle()
        contents = dashboard.contents()
        assert expected.differences(server, contents, as_of=contents.timestamp) == []
        shown.append(contents.timestamp)
    assert shown == [iso(ist(time)) for time in ("15:02:30", "15:03:00", "15:03:30")]


def test_unchanged_snapshot_costs_no_body_and_changes_nothing(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    before = dashboard.page.locator("#chain tbody").inner_html()
    seen = len(server.proxy.requests)
    dashboard.advance(3 * POLL_SECONDS)
    polls = [each for each in server.proxy.requests[seen:] if "/option-chain/" in each.path]
    assert [(each.status, each.bytes) for each in polls] == [(304, 0)] * 3
    assert dashboard.page.locator("#chain tbody").inner_html() == before


def test_age_is_that_of_the_last_confirmation_and_grows(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    assert dashboard.age() == 2
    dashboard.advance(20)
    assert dashboard.age() <= 2 * POLL_SECONDS
    server.recorder_works = False
    before = dashboard.age()
    dashboard.advance(10)
    assert dashboard.age() - before == 10


def test_page_polls_no_more_often_than_the_recorder_records(
    server: Server, dashboard: Dashboard
) -> None:
    """60 s are 12 ticks; all requests of a minute stay within a client's usage plan."""
    dashboard.open()
    seen = len(server.proxy.requests)
    dashboard.advance(60)
    requests = server.proxy.requests[seen:]
    assert len([each for each in requests if each.path == "/option-chain/NIFTY"]) == 12
    assert len(requests) <= 40


# The browser finds no time for anything but what is in sight.
BUSY = """(() => {
  window.held = [];
  const original = scheduler.postTask;
  scheduler.postTask = (work, options) => options.priority === 'background'
    ? new Promise(resolve => window.held.push(resolve))
    : original.call(scheduler, work, options);
})()"""
RELEASE = "scheduler.postTask = async () => {}; window.held.forEach(resolve => resolve())"
# It draws no frame either, once the numbers are written.
FROZEN = """(() => {
  window.waiting = [];
  window.Original = IntersectionObserver;
  window.IntersectionObserver = class {
    constructor(act) { window.waiting.push(act); }
    observe() {}
    disconnect() {}
  };
})()"""
DRAW = "window.IntersectionObserver = window.Original; window.waiting.forEach(act => act([]))"
# Of each strike, whether it is in sight of its scroller, and its open interest.
ROWS = """() => {
  const scroller = document.querySelector('#chain-scroller').getBoundingClientRect();
  return [...document.querySelectorAll('#chain tbody tr')].map(row => {
    const {top, bottom} = row.getBoundingClientRect();
    const isSeen = bottom > Math.max(0, scroller.top)
      && top < Math.min(innerHeight, scroller.bottom);
    return [isSeen, row.querySelector('[data-column=open_interest]').textContent];
  });
}"""


def rows(dashboard: Dashboard) -> dict[bool, list[str]]:
    """Return the open interest of the strikes that are in sight, and of the others."""
    found = dashboard.page.evaluate(ROWS)
    return {seen: [value for each, value in found if each == seen] for seen in (True, False)}


@pytest.mark.parametrize("act", [
    "document.querySelector('#chain-scroller').scrollBy(0, 200)",
    "document.querySelector('#chain-section .export').click()",
    "document.querySelector('#chain tbody td').focus()",
    "dispatchEvent(new KeyboardEvent('keydown', {key: 'f', ctrlKey: true}))",
    "dispatchEvent(new Event('beforeprint'))",
    RELEASE,
])  # fmt: skip
def test_rows_out_of_sight_are_written_when_there_is_time_or_they_are_needed(
    server: Server, dashboard: Dashboard, act: str
) -> None:
    dashboard.open()
    dashboard.page.locator("#chain tbody td").first.evaluate("cell => cell.tabIndex = -1")
    dashboard.page.screenshot()  # after a frame the browser has told what is in sight
    before = rows(dashboard)
    assert all(before.values())
    dashboard.page.evaluate(BUSY)
    server.recording.store("NIFTY", NEWS, moved())
    dashboard.advance(2 * POLL_SECONDS, settle=False)
    dashboard.page.wait_for_function(f"() => document.body.dataset.timestamp === '{iso(NEWS)}'")
    table = dashboard.page.locator("#chain")
    assert table.get_attribute("aria-busy") == "true"
    half = rows(dashboard)
    assert half[False] == before[False]
    assert half[True] != before[True]
    dashboard.page.evaluate(act)
    expect(table).not_to_have_attribute("aria-busy", "true")
    whole = rows(dashboard)
    assert sorted(whole[True] + whole[False]) != sorted(half[True] + half[False])
    assert expected.differences(server, dashboard.contents()) == []


def test_charts_are_drawn_after_the_numbers(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    chart, text = dashboard.page.locator("#chart-oi"), dashboard.page.locator("#chart-oi-text")
    before = text.text_content()
    dashboard.page.evaluate(FROZEN)
    server.recording.store("NIFTY", NEWS, moved())
    dashboard.advance(2 * POLL_SECONDS, settle=False)
    dashboard.page.wait_for_function(f"() => document.body.dataset.timestamp === '{iso(NEWS)}'")
    assert chart.get_attribute("aria-busy") == "true"
    assert text.text_content() == before
    dashboard.page.evaluate(DRAW)
    expect(chart).not_to_have_attribute("aria-busy", "true")
    assert text.text_content() != before
    dashboard.wait_for_snapshot(iso(NEWS))
    assert expected.differences(server, dashboard.contents()) == []


def test_charts_out_of_sight_wait_until_there_is_time(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=levels,heat,gamma")
    dashboard.page.screenshot()  # after a frame the browser has told what is in sight
    seen, unseen = (dashboard.page.locator(f"#{name}") for name in ("chart-oi", "chart-pcr"))
    unseen_text = dashboard.page.locator("#chart-pcr-text")
    seen.scroll_into_view_if_needed()
    expect(seen).to_be_in_viewport()
    expect(unseen).not_to_be_in_viewport()
    dashboard.page.screenshot()
    before = unseen_text.text_content()
    dashboard.page.evaluate(BUSY)
    server.recording.store("NIFTY", NEWS, moved())
    dashboard.advance(2 * POLL_SECONDS, settle=False)
    dashboard.page.wait_for_function(f"() => document.body.dataset.timestamp === '{iso(NEWS)}'")
    expect(seen).not_to_have_attribute("aria-busy", "true")
    assert unseen.get_attribute("aria-busy") == "true"
    assert unseen_text.text_content() == before
    dashboard.page.evaluate(RELEASE)
    expect(unseen).not_to_have_attribute("aria-busy", "true")
    assert unseen_text.text_content() != before
    dashboard.wait_for_snapshot(iso(NEWS))
    assert expected.differences(server, dashboard.contents()) == []


def test_the_width_of_the_chain_is_no_property_of_its_cells(dashboard: Dashboard) -> None:
    dashboard.open()
    read = "each => getComputedStyle(each).getPropertyValue('--chain-width')"
    assert dashboard.page.locator("#panes").evaluate(read).endswith("px")
    # A property that every cell inherits has the browser style each of them anew.
    assert dashboard.page.locator("#chain tbody td").first.evaluate(read) == ""
