"""Which days are recorded: marked in the calendar, and said where nothing was recorded."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import ist
from tests.browser.screens import PHONE_DARK, WIDE, Screen
from tests.browser.server import Server
from tests.browser.test_accessibility import FOCUSED, violations
from tests.browser.test_meaning import frozen
from tests.browser.test_replay import query_of

TUESDAY, WEDNESDAY, FRIDAY = "2026-06-16", "2026-06-17", "2026-06-19"
FOCUSED_DAY = "document.activeElement.dataset.day"
AXES = "chart => getComputedStyle(chart.querySelector('.uplot')).visibility"


@pytest.fixture
def server(server: Server) -> Server:
    """The recorded Friday, and one chain of the Tuesday before."""
    server.recording.tick("NIFTY", ist("10:00:00") - timedelta(days=3))
    return server


def calendar(dashboard: Dashboard) -> Locator:
    """Open the calendar and return it, once it knows the recorded days."""
    dashboard.page.locator("#calendar-button").click()
    dashboard.settle()
    return dashboard.page.locator("#calendar")


def marked(dashboard: Dashboard) -> dict[str, int]:
    days = dashboard.page.locator("#calendar-grid [data-recorded]").evaluate_all(
        "days => days.map(({dataset}) => [dataset.day, Number(dataset.recorded)])"
    )
    return dict(days)


def test_calendar_marks_the_recorded_days(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    opened = calendar(dashboard)
    expect(opened.locator("#calendar-title")).to_have_text("June 2026")
    found = server.get("/option-chain/NIFTY/days")["days"]
    assert marked(dashboard) == {each["day"]: each["snapshots"] for each in found}
    assert list(marked(dashboard)) == [TUESDAY, FRIDAY]
    expect(opened.locator("[aria-selected=true]")).to_have_text("19")
    expect(opened.locator(f"[data-day='{WEDNESDAY}']")).to_have_accessible_name(
        "Wednesday 17 June 2026, nothing was recorded"
    )
    expect(opened.locator("[data-day='2026-06-20']")).to_have_attribute("aria-disabled", "true")
    opened.locator("[data-day='2026-06-20']").click(force=True)
    expect(opened).to_be_visible()


def test_day_is_chosen_by_keyboard(dashboard: Dashboard) -> None:
    dashboard.open()
    page = dashboard.page
    page.locator("#calendar-button").focus()
    page.keyboard.press("Enter")
    dashboard.settle()
    assert page.evaluate(FOCUSED_DAY) == FRIDAY
    steps = {
        "ArrowUp": "2026-06-12",
        "Home": "2026-06-08",
        "End": "2026-06-14",
        "PageUp": "2026-05-14",
        "PageDown": "2026-06-14",
        "ArrowRight": "2026-06-15",
        "ArrowDown": FRIDAY,  # the 22nd is still to come
        "ArrowLeft": "2026-06-18",
    }
    for key, day in steps.items():
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED_DAY) == day, key
    dashboard.settle()
    page.keyboard.press("Escape")
    expect(page.locator("#calendar")).to_be_hidden()
    assert page.evaluate(FOCUSED)[0] == "calendar-button"
    calendar(dashboard)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    dashboard.wait_for_state("replay")
    dashboard.settle()
    assert dashboard.contents().timestamp.startswith(TUESDAY)
    expect(page.locator("#day")).to_have_value(TUESDAY)
    expect(dashboard.tile("market")).to_contain_text("Past day")
    expect(dashboard.tile("market")).to_contain_text("Tue 16 Jun 2026")


def test_month_without_a_day_leads_on(dashboard: Dashboard) -> None:
    dashboard.open()
    opened = calendar(dashboard)
    opened.get_by_role("button", name="The month before").click()
    dashboard.settle()
    expect(opened.locator("#calendar-title")).to_have_text("May 2026")
    expect(opened.locator("#calendar-note")).to_contain_text("Nothing was recorded.")
    opened.locator("#calendar-note").get_by_role("button", name="Tue 16 Jun 2026").click()
    dashboard.wait_for_state("replay")
    dashboard.settle()
    assert dashboard.contents().timestamp.startswith(TUESDAY)


def test_calendar_says_why_it_knows_no_day(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    server.proxy.problem = "database-unavailable"
    opened = calendar(dashboard)
    expect(opened.locator("#calendar-note")).to_contain_text("is not known")
    assert marked(dashboard) == {}


@pytest.mark.parametrize("day", [WEDNESDAY, "2026-06-10", "2026-06-17T05:00:00Z"])
def test_empty_day_is_said_with_the_days_around_it(
    server: Server, new_page: OpenPage, day: str
) -> None:
    """Before the first day the API has nothing; after it, it has the chain of a day before."""
    if day.endswith("Z"):  # the newest chain by a moment, of whatever day
        dashboard = new_page(server)
        dashboard.open(f"?symbol=NIFTY&at={day}", state="replay")
        assert dashboard.contents().timestamp.startswith(TUESDAY)
        assert query_of(dashboard)["at"] == day
        expect(dashboard.page.locator("#day")).to_have_value(TUESDAY)
        expect(dashboard.tile("market")).to_contain_text("Tue 16 Jun 2026")
        return
    dashboard = new_page(server)
    dashboard.open(f"?symbol=NIFTY&at={day}", state="empty")
    text = dashboard.page.locator("#empty-day-text")
    expect(text).to_contain_text("Nothing was recorded of NIFTY on Wednesday 1")
    expect(dashboard.page.locator("#chain-scroller")).to_be_hidden()
    assert dashboard.contents().strikes == []
    assert dashboard.notice == ""
    assert query_of(dashboard)["at"] == day
    expect(dashboard.page.locator("#day")).to_have_value(day)
    expect(dashboard.tile("market")).to_contain_text("Past day")
    listed = dashboard.page.locator("#empty-day-list button")
    assert listed.evaluate_all("all => all.map(({dataset}) => dataset.day)") == [TUESDAY, FRIDAY]
    for name in ("oi", "oi-change", "smile", "pcr", "underlying"):
        chart = dashboard.page.locator(f"#chart-{name}")
        assert chart.evaluate(AXES) == "hidden"
        expect(chart.locator(".plot-words")).to_be_visible()
        expect(chart.locator(".plot-words")).to_have_text("Nothing was recorded.")
    nearest = dashboard.page.locator("#empty-day-nearest button")
    nearest.first.click()
    dashboard.wait_for_state("replay")
    dashboard.settle()
    expect(dashboard.page.locator("#empty-day")).to_be_hidden()
    expect(dashboard.page.locator("#chain tr.atm")).to_be_visible()
    assert dashboard.contents().timestamp.startswith(TUESDAY)
    dashboard.page.go_back()
    dashboard.wait_for_state("empty")
    expect(text).to_be_visible()


def test_typed_day_without_data_stays_in_the_link(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.page.locator("#day").fill(WEDNESDAY)
    dashboard.wait_for_state("empty")
    dashboard.settle()
    assert query_of(dashboard)["at"] == WEDNESDAY
    dashboard.advance(12)
    assert query_of(dashboard)["at"] == WEDNESDAY
    dashboard.page.locator("#live").click()
    dashboard.wait_for_state("live")
    expect(dashboard.page.locator("#chain-scroller")).to_be_visible()


def test_expiry_without_data_of_the_day_gives_way_to_the_nearest(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    dates = server.get("/option-chain/NIFTY/expiry-dates", as_of=TUESDAY)["expiry_dates"]
    later = server.get("/option-chain/NIFTY/expiry-dates")["expiry_dates"][-1]
    assert later not in dates
    dashboard.page.locator("#expiry").select_option(later)
    dashboard.settle()
    dashboard.page.locator("#day").fill(TUESDAY)
    dashboard.wait_for_state("replay")
    dashboard.settle()
    assert dashboard.contents().timestamp.startswith(TUESDAY)
    assert "The nearest expiry is shown." in dashboard.notice
    assert query_of(dashboard)["at"] == TUESDAY


def test_chart_without_a_value_has_no_axes(empty_server: Server, new_page: OpenPage) -> None:
    frozen(empty_server, "15:36:00")
    dashboard = new_page(empty_server)
    dashboard.open()
    smile = dashboard.page.locator("#chart-smile")
    assert smile.evaluate(AXES) == "hidden"
    expect(smile.locator(".plot-words")).to_have_text("No value is known.")
    assert dashboard.page.locator("#chart-oi").evaluate(AXES) == "visible"


@pytest.mark.parametrize("screen", [WIDE, PHONE_DARK], ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious_in_calendar_and_empty_day(
    server: Server, new_page: OpenPage, screen: Screen
) -> None:
    dashboard = new_page(server, **screen.context)
    dashboard.open(f"?symbol=NIFTY&at={WEDNESDAY}", state="empty")
    box = calendar(dashboard).bounding_box()
    assert box is not None
    assert 0 <= box["x"] < box["x"] + box["width"] <= screen.width
    assert violations(dashboard) == []
    assert re.search("2026-06-17", dashboard.page.url)
