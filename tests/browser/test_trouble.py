"""What goes wrong is said, what is known stays to be seen, and nobody is asked without end."""

import time

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.site import Site


def said(dashboard: Dashboard) -> str:
    """Return what the page says is wrong."""
    return dashboard.page.locator("#notice").inner_text().strip()


def test_an_api_out_of_reach_is_said_and_what_is_known_stays(
    site: Site, dashboard: Dashboard
) -> None:
    dashboard.open()
    rows, age = dashboard.strikes(), dashboard.value("age")
    with site.down():
        asked = len(dashboard.watch.asked)
        dashboard.let_pass(60)
        assert dashboard.state == "unavailable"
        assert said(dashboard)
        assert dashboard.strikes() == rows
        # Less and less often: every five seconds would be twelve times.
        chains = [each for each in dashboard.watch.asked[asked:] if "/option-chain/" in each]
        assert 2 <= len(chains) <= 7
        later = dashboard.value("age")
        assert isinstance(age, int | float)
        assert isinstance(later, int | float)
        assert later - age >= 50
    at = site.clock.now
    site.recording.tick("NIFTY", at)
    dashboard.let_pass(65)
    dashboard.wait_for(f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert dashboard.state == "live"


@pytest.mark.parametrize("fault", ["database-unavailable", "internal-error"])
def test_an_answer_from_500_on_is_said_and_recovered_from(
    site: Site, dashboard: Dashboard, fault: str
) -> None:
    dashboard.open()
    rows = dashboard.strikes()
    site.front.fault, site.front.retry_after = fault, 5
    dashboard.let_pass(8)
    assert dashboard.state == "unavailable"
    assert said(dashboard)
    assert dashboard.strikes() == rows
    site.front.fault = None
    dashboard.let_pass(30)
    assert dashboard.state == "live"
    assert not said(dashboard)


@pytest.mark.parametrize("status", [200, 502])
def test_what_is_no_answer_of_the_api_is_not_taken_for_one(
    site: Site, dashboard: Dashboard, status: int
) -> None:
    dashboard.open()
    before = dashboard.cells()
    site.front.stray = status
    dashboard.let_pass(8)
    assert dashboard.state == "unavailable"
    assert said(dashboard)
    assert dashboard.cells() == before


def test_a_start_without_the_api_shows_the_chain_once_it_is_there(
    site: Site, new_page: OpenPage
) -> None:
    dashboard = new_page(site)
    site.front.fault = "database-unavailable"
    dashboard.open(state="unavailable")
    assert said(dashboard)
    site.front.fault = None
    dashboard.let_pass(30)
    dashboard.wait("live")
    assert dashboard.strikes()


def test_too_many_requests_are_not_answered_with_more(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.let_pass(2)
    site.front.fault, site.front.retry_after = "too-many-requests", 20
    dashboard.let_pass(6)
    assert dashboard.state == "limited"
    assert said(dashboard)
    refused = len(site.front.to("/option-chain"))
    dashboard.let_pass(12)
    assert len(site.front.to("/option-chain")) == refused
    site.front.fault = None
    dashboard.let_pass(10)
    assert dashboard.state == "live"


def test_an_empty_database_is_said_and_fills_by_itself(
    empty_site: Site, new_page: OpenPage
) -> None:
    dashboard = new_page(empty_site)
    dashboard.open(state="empty")
    assert said(dashboard)
    assert dashboard.strikes() == []
    assert dashboard.timestamp == ""
    dashboard.let_pass(10)
    empty_site.recording.session(("15:01:30", "15:02:30"))
    dashboard.let_pass(30)
    dashboard.wait("live")
    assert len(dashboard.strikes()) > 50


def test_a_slow_answer_is_waited_for_and_not_asked_for_twice(
    site: Site, dashboard: Dashboard
) -> None:
    dashboard.open()
    dashboard.let_pass(2)
    site.front.delay = 1.0
    before = len(dashboard.watch.asked)
    for _ in range(20):
        dashboard.page.clock.run_for(1_000)
    chains = [each for each in dashboard.watch.asked[before:] if "/option-chain/NIFTY?" in each]
    assert len(chains) <= 1
    site.front.delay = 0.0
    time.sleep(1.1)
    dashboard.settle()


def test_data_that_nothing_confirms_are_called_old(site: Site, dashboard: Dashboard) -> None:
    site.recorder_works = False
    dashboard.open()
    dashboard.let_pass(65)
    assert dashboard.state == "stale"
    assert said(dashboard)
    lamp = dashboard.page.locator("#health")
    assert lamp.get_attribute("data-status") == "unhealthy"
    assert "not confirmed" in lamp.inner_text() or "NIFTY" in lamp.inner_text()
