"""A replay that plays: every snapshot in turn, at a speed, until the end or until it is paused."""

import json
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import TIMES, ist, snapshots
from tests.browser.server import Server
from tests.browser.test_panels import panel
from tests.browser.test_replay import RECORDED, query_of, shows
from tests.browser.test_strategy import FAR, link

# Gaps of the record are played as a minute: six seconds at the speed of ten.
STEP_MS = 6_000
WATCH = """() => {
  window.seen = [];
  new MutationObserver(() => window.seen.push(document.body.dataset.timestamp))
    .observe(document.body, {attributeFilter: ['data-timestamp']});
}"""
STARTS = f"?symbol=NIFTY&at={RECORDED[0]}"
# A leg of an expiry that the page does not show.
STARTS_WITH_LEG = link({(24_350, "call"): 1}, FAR, at=RECORDED[0])


def watched(dashboard: Dashboard, query: str = STARTS) -> None:
    dashboard.open(query, state=None)
    dashboard.page.evaluate(WATCH)


def seen(dashboard: Dashboard) -> list[str]:
    found: list[str] = dashboard.page.evaluate("window.seen")
    return found


def run(dashboard: Dashboard, steps: int, milliseconds: int = STEP_MS) -> None:
    """Let the time of so many snapshots pass."""
    for _ in range(steps):
        dashboard.page.clock.run_for(milliseconds)
        dashboard.settle()


def test_every_snapshot_is_played_in_turn_to_the_last(server: Server, dashboard: Dashboard) -> None:
    watched(dashboard)
    play = dashboard.page.locator("#play")
    play.click()
    expect(play).to_have_text("Pause")
    dashboard.settle()
    run(dashboard, len(RECORDED) - 2)
    assert seen(dashboard) == RECORDED[1:]
    expect(play).to_have_text("Play")
    assert shows(server, dashboard, RECORDED[-1])
    assert query_of(dashboard)["at"] == RECORDED[-1]


def test_slow_answers_leave_no_snapshot_out(server: Server, dashboard: Dashboard) -> None:
    """Twelve snapshots, five seconds apart, at ten times their speed: none is dropped."""
    ticks = [ist(f"15:03:{second:02}") for second in range(0, 60, 5)]
    for tick in ticks:
        server.recording.tick("NIFTY", tick)
    server.clock.now = ticks[-1]
    first = f"{ticks[0]:%Y-%m-%dT%H:%M:%SZ}"
    watched(dashboard, f"?symbol=NIFTY&at={first}")
    dashboard.page.locator("#play").click()
    # Time runs four times as fast as the snapshots are due.
    run(dashboard, len(ticks), 2_000)
    assert seen(dashboard) == [f"{tick:%Y-%m-%dT%H:%M:%SZ}" for tick in ticks[1:]]


def test_panels_ask_as_soon_as_the_replay_moves(dashboard: Dashboard) -> None:
    """A snapshot each second: polls are five seconds apart."""
    dashboard.page.set_viewport_size({"width": 1280, "height": 6_000})  # all is in sight
    panels = "panels=strategy,gamma,volatility"
    watched(dashboard, STARTS_WITH_LEG.replace("panels=strategy", panels))
    dashboard.page.locator("#speed").select_option("60")
    dashboard.page.locator("#play").click()
    dashboard.settle()
    strategy, gamma, volatility = (panel(dashboard, name) for name in panels[7:].split(","))
    for time in TIMES[1:]:
        expect(strategy.locator(".strategy-times")).to_contain_text(f"{FAR} of {time} IST")
        expect(gamma.get_by_text(f"Of {time} IST.")).to_be_visible()
        expect(volatility.get_by_text(f"from prices, {time} IST").first).to_be_visible()
        run(dashboard, 1, 1_000)
    assert seen(dashboard) == RECORDED[1:]


def wait_for_held(dashboard: Dashboard, held: list[Route], count: int) -> None:
    while len(held) < count:  # the time-out of the test ends it
        dashboard.page.wait_for_timeout(20)


def test_panels_have_one_round_of_requests_under_way(dashboard: Dashboard) -> None:
    """It holds no snapshot up; the next round is of the one that is shown when it begins."""
    watched(dashboard, STARTS_WITH_LEG)
    held = dashboard.hold(f"**/NIFTY?expiry={FAR}&*")
    play = dashboard.page.locator("#play")
    play.click()
    wait_for_held(dashboard, held, 1)
    for at in RECORDED[1:4]:
        dashboard.wait_for_snapshot(at)
        dashboard.page.clock.run_for(STEP_MS)
    dashboard.wait_for_snapshot(RECORDED[4])
    play.click()
    (first,) = held
    first.continue_()
    wait_for_held(dashboard, held, 2)
    assert [parse_qs(urlsplit(each.request.url).query)["as_of"] for each in held] == [
        [RECORDED[1]],
        [RECORDED[4]],
    ]
    held[1].continue_()
    dashboard.settle()
    times = panel(dashboard, "strategy").locator(".strategy-times")
    expect(times).to_contain_text(f"{FAR} of {TIMES[4]} IST")
    assert len(held) == 2


def test_alerts_ask_with_the_polls_while_a_replay_plays(dashboard: Dashboard) -> None:
    """Theirs are the numbers of now, however fast the replay is."""
    rule = {"metric": "underlying_value", "symbol": "NIFTY", "isAbove": True, "value": 1e6}
    set_at = "2026-06-19T03:45:00Z"
    kept = json.dumps([{**rule, "id": "1", "unit": "lots", "setAt": set_at, "rangAt": None}])
    dashboard.page.add_init_script(f"localStorage['option-chain.alerts'] = {json.dumps(kept)}")
    watched(dashboard)
    dashboard.page.locator("#speed").select_option("60")
    before = len(asked_of_alerts(dashboard))
    dashboard.page.locator("#play").click()
    dashboard.settle()
    run(dashboard, 5, 1_000)
    assert seen(dashboard) == RECORDED[1:]
    assert len(asked_of_alerts(dashboard)) == before + 1


def asked_of_alerts(dashboard: Dashboard) -> list[str]:
    return [url for url in dashboard.log.requests if "/screener?" in url]


def test_pause_keeps_what_is_shown_and_back_leads_to_the_start(dashboard: Dashboard) -> None:
    watched(dashboard)
    dashboard.page.locator("#play").click()
    dashboard.settle()
    run(dashboard, 1)
    dashboard.page.locator("#play").click()
    run(dashboard, 3)
    assert seen(dashboard) == RECORDED[1:3]
    assert query_of(dashboard)["at"] == RECORDED[2]
    dashboard.page.go_back()
    dashboard.settle()
    assert query_of(dashboard)["at"] == RECORDED[0]


def test_address_names_the_moment_while_somebody_copies_it(dashboard: Dashboard) -> None:
    """Not at each step: only where the page loses the focus, as to the bar with the address."""
    watched(dashboard)
    dashboard.page.locator("#play").click()
    dashboard.settle()
    run(dashboard, 1)
    assert query_of(dashboard)["at"] == RECORDED[0]
    for step in (2, 3):
        dashboard.page.evaluate("dispatchEvent(new Event('blur'))")
        assert query_of(dashboard)["at"] == RECORDED[step]
        run(dashboard, 1)
    dashboard.page.locator("#play").click()
    assert query_of(dashboard)["at"] == RECORDED[4] == dashboard.contents().timestamp
    dashboard.page.go_back()
    dashboard.settle()
    assert query_of(dashboard)["at"] == RECORDED[0]


def test_steps_go_one_snapshot_back_and_forward(dashboard: Dashboard) -> None:
    watched(dashboard)
    back, forward = (dashboard.page.locator(f"#step-{way}") for way in ("back", "forward"))
    expect(back).to_be_disabled()
    for _ in range(2):
        forward.click()
        dashboard.settle()
    back.click()
    dashboard.settle()
    assert seen(dashboard) == [RECORDED[1], RECORDED[2], RECORDED[1]]


def test_another_choice_ends_the_playing(dashboard: Dashboard) -> None:
    watched(dashboard)
    dashboard.page.locator("#play").click()
    dashboard.settle()
    dashboard.page.locator("#live").click()
    dashboard.wait_for_state("live")
    run(dashboard, 2)
    assert dashboard.state == "live"
    expect(dashboard.page.locator("#play")).to_have_text("Play")


def test_speed_is_kept_and_changes_the_pauses(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server)
    dashboard.open(STARTS, state="replay")
    dashboard.page.locator("#speed").select_option("30")
    dashboard.page.reload()
    dashboard.wait_for_state("replay")
    dashboard.settle()
    expect(dashboard.page.locator("#speed")).to_have_value("30")
    dashboard.page.evaluate(WATCH)
    dashboard.page.locator("#play").click()
    dashboard.settle()
    run(dashboard, len(RECORDED) - 2, STEP_MS // 3)
    assert seen(dashboard) == RECORDED[1:]


def test_new_speed_counts_in_the_pause_that_is_under_way(dashboard: Dashboard) -> None:
    watched(dashboard)
    dashboard.page.locator("#speed").select_option("1")
    dashboard.page.locator("#play").click()
    dashboard.settle()
    dashboard.page.locator("#speed").select_option("60")
    run(dashboard, 1, 1_500)
    assert seen(dashboard) == RECORDED[1:3]


def test_records_that_come_while_it_plays_leave_none_out(
    server: Server, dashboard: Dashboard
) -> None:
    """The place of a snapshot in the day moves when records come that are earlier."""
    watched(dashboard, f"?symbol=NIFTY&at={RECORDED[2]}")
    dashboard.page.locator("#play").click()
    dashboard.settle()
    for text in ("09:20:00", "09:25:00"):
        server.recording.tick("NIFTY", ist(text))
    dashboard.page.clock.run_for(5_500)
    dashboard.settle()
    run(dashboard, len(RECORDED))
    assert seen(dashboard) == RECORDED[3:]


def test_day_of_an_expiry_is_played_though_another_one_was_the_nearest(
    server: Server, dashboard: Dashboard
) -> None:
    early = ist("09:10:00")
    server.recording.store("NIFTY", early, snapshots("NIFTY", early)[1:])
    watched(dashboard, f"?symbol=NIFTY&at={early:%Y-%m-%dT%H:%M:%SZ}")
    title = dashboard.page.locator("#chain-title").inner_text()
    dashboard.page.locator("#play").click()
    dashboard.settle()
    run(dashboard, len(RECORDED))
    assert seen(dashboard) == RECORDED
    expect(dashboard.page.locator("#chain-title")).to_have_text(title)
    dashboard.page.reload()
    dashboard.wait_for_state("replay")
    dashboard.settle()
    assert dashboard.contents().timestamp == RECORDED[-1]
    expect(dashboard.page.locator("#chain-title")).to_have_text(title)


def test_day_is_not_played_before_all_of_it_is_known(server: Server, new_page: OpenPage) -> None:
    dashboard = new_page(server)
    dashboard.page.route("**/analytics/history*", lambda route: route.fulfill(status=503))
    dashboard.open(STARTS, state="replay")
    dashboard.page.locator("#live").click()
    dashboard.wait_for_state("live")
    expect(dashboard.page.locator("#step-back")).to_be_enabled()
    expect(dashboard.page.locator("#play")).to_be_disabled()


def test_refusal_ends_the_playing_until_the_time_that_is_told(
    server: Server, dashboard: Dashboard
) -> None:
    watched(dashboard)
    server.proxy.problem, server.proxy.retry_after = "too-many-requests", 30
    dashboard.page.locator("#play").click()
    dashboard.wait_for_state("limited")
    server.proxy.problem = None
    asked = len(server.proxy.requests_to("/option-chain"))
    dashboard.page.clock.run_for(20_000)
    dashboard.settle()
    assert dashboard.state == "limited"
    assert len(server.proxy.requests_to("/option-chain")) == asked


def test_error_ends_the_playing_and_is_told(server: Server, dashboard: Dashboard) -> None:
    watched(dashboard)
    server.proxy.problem = "database-unavailable"
    dashboard.page.locator("#play").click()
    dashboard.wait_for_state("unavailable")
    expect(dashboard.page.locator("#play")).to_have_text("Play")
    assert dashboard.contents().timestamp == RECORDED[0]


def test_title_of_the_tab_says_that_it_is_the_past(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.wait_for_title("NIFTY ")
    dashboard.page.locator("#step-back").click()
    dashboard.settle()
    dashboard.wait_for_title(f"Past: 19 Jun {TIMES[-2]} IST · NIFTY ")


def test_title_of_the_tab_has_no_number_where_none_is_shown(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.page.evaluate("history.pushState(null, '', '?symbol=NOSUCH')")
    dashboard.page.go_back()
    dashboard.page.go_forward()
    dashboard.wait_for_state("empty")
    assert dashboard.page.title() == "NSE option chain"


def test_link_within_the_page_does_not_end_the_playing(dashboard: Dashboard) -> None:
    watched(dashboard)
    dashboard.page.locator("#play").click()
    dashboard.settle()
    dashboard.page.locator("a.skip").press("Enter")
    run(dashboard, 1)
    assert seen(dashboard) == RECORDED[1:3]
    assert dashboard.page.locator(":focus").get_attribute("id") == "chain-scroller"


def test_address_that_a_browser_refuses_stops_nothing(dashboard: Dashboard) -> None:
    """Safari lets a page change it a hundred times in half a minute."""
    dashboard.page.add_init_script("""
      history.pushState = () => { throw new DOMException('too often', 'SecurityError'); };
    """)
    watched(dashboard)
    dashboard.page.locator("#step-forward").click()
    dashboard.settle()
    assert seen(dashboard) == [RECORDED[1]]
