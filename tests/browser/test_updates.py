"""What the API has news of appears by itself, whole; what has not changed costs nothing."""

from collections.abc import Sequence
from dataclasses import replace

from optionchain.snapshot import Snapshot
from tests.browser import answers
from tests.browser.dashboard import Dashboard
from tests.browser.recording import ist, snapshots
from tests.browser.site import Site

# A page asks as often as the recorder does, and an answer takes its time.
POLL = 6
NEWS = ist("15:02:40")


def moved() -> Sequence[Snapshot]:
    """Return the market of a minute later, under another tick."""
    return [replace(each, exchange_timestamp=NEWS) for each in snapshots("NIFTY", ist("15:04:00"))]


def test_a_new_snapshot_appears_within_a_poll(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    before = dashboard.cells()
    dashboard.let_pass(3)
    site.recording.store("NIFTY", NEWS, moved())
    dashboard.let_pass(POLL)
    answer = answers.chain(site)
    dashboard.wait_for(answer["timestamp"])
    assert answer["timestamp"] == "2026-06-19T09:32:40Z"
    legs = answers.legs(answer)
    cells = dashboard.cells()
    assert cells != before
    assert [cell for cell in cells if cell.value != answers.of(legs, cell)] == []
    assert {name: dashboard.value(name) for name in answers.TILES} == answers.tiles(site)


def test_numbers_of_two_snapshots_never_stand_beside_each_other(
    site: Site, dashboard: Dashboard
) -> None:
    """Not even where each chain is followed by the next before its figures are asked for."""
    news = [ist(time) for time in ("15:03:30", "15:03:00")]

    def next_comes(path: str) -> None:
        if path == "/option-chain/NIFTY" and news:
            site.clock.now = news.pop()
            site.recording.tick("NIFTY", site.clock.now)

    dashboard.open()
    site.front.then = next_comes
    for instant in ("2026-06-19T09:33:00Z", "2026-06-19T09:33:30Z"):
        dashboard.look_away()
        dashboard.look_back()
        dashboard.wait_for(instant)
        shown, tiles, cells = dashboard.picture()
        expected = answers.tiles(site, as_of=shown)
        assert {name: tiles[name] for name in answers.TILES} == expected, shown
        legs = answers.legs(answers.chain(site, as_of=shown))
        assert [cell for cell in cells if cell.value != answers.of(legs, cell)] == []


def test_no_row_or_cell_is_made_anew_by_an_update(site: Site, dashboard: Dashboard) -> None:
    """Made anew, they would lose what a person has selected, focused or scrolled to."""
    dashboard.open()
    dashboard.page.evaluate(
        "window.kept = [...document.querySelectorAll('#chain tbody tr[data-strike]')]"
    )
    site.recording.store("NIFTY", NEWS, moved())
    dashboard.let_pass(POLL)
    dashboard.wait_for("2026-06-19T09:32:40Z")
    assert dashboard.page.evaluate("window.kept.every(row => row.isConnected)")


def test_no_news_change_nothing_and_cost_no_body(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.let_pass(1)
    before = dashboard.page.locator("#chain tbody").inner_html()
    seen = len(site.front.asked)
    dashboard.let_pass(3 * POLL)
    polls = [each for each in site.front.asked[seen:] if each.path.startswith("/option-chain/")]
    assert len(polls) >= 3
    assert [each for each in polls if (each.status, each.bytes) != (304, 0)] == []
    assert dashboard.page.locator("#chain tbody").inner_html() == before


def test_the_age_is_that_of_the_last_confirmation_and_ticks_on(
    site: Site, dashboard: Dashboard
) -> None:
    dashboard.open()
    assert 2 <= age(dashboard) <= 4
    dashboard.let_pass(20)
    assert age(dashboard) <= 5 + POLL
    site.recorder_works = False
    before = age(dashboard)
    dashboard.let_pass(10)
    assert 8 <= age(dashboard) - before <= 12


def age(dashboard: Dashboard) -> float:
    """Return the age that is shown, in seconds."""
    found = dashboard.value("age")
    assert isinstance(found, int | float)
    return found


def test_it_asks_no_more_often_than_the_recorder_does(site: Site, dashboard: Dashboard) -> None:
    """60 s are 12 ticks; all that is asked in a minute stays within a client's usage plan."""
    dashboard.open()
    seen = len(site.front.asked)
    dashboard.let_pass(60)
    asked = site.front.asked[seen:]
    chains = [each for each in asked if each.path == "/option-chain/NIFTY"]
    assert 10 <= len(chains) <= 13
    assert len(asked) <= 40
