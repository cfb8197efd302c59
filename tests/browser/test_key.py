"""A deployment may ask for a key: the page asks the person for it, and keeps it to itself."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.site import Site

KEY = "a-key-of-the-tests-0123456789"


def enter(dashboard: Dashboard, key: str) -> None:
    """Type a key into the dialog and submit it."""
    dashboard.page.locator("#key-dialog input#key").fill(key)
    dashboard.page.keyboard.press("Enter")


def test_a_wanted_key_is_asked_for_refused_and_taken(site: Site, new_page: OpenPage) -> None:
    site.front.key = KEY
    dashboard = new_page(site)
    dashboard.open(state="key")
    dialog = dashboard.page.locator("#key-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("#key")).to_be_focused()
    enter(dashboard, "wrong")
    dashboard.settle()
    dashboard.wait("key")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("alert")).to_contain_text("not know")
    enter(dashboard, KEY)
    dashboard.wait("live")
    expect(dialog).to_be_hidden()
    assert dashboard.strikes()


def test_a_key_is_remembered_and_goes_out_in_a_header_alone(site: Site, new_page: OpenPage) -> None:
    site.front.key = KEY
    dashboard = new_page(site)
    dashboard.open(state="key")
    enter(dashboard, KEY)
    dashboard.wait("live")
    dashboard.page.reload()
    dashboard.wait("live")
    assert KEY not in dashboard.page.url
    assert not [url for url in dashboard.watch.asked if KEY in url]
    assert KEY not in dashboard.page.content()
    with_key = [each for each in site.front.asked if each.headers.get("x-api-key") == KEY]
    assert with_key
    assert all(
        each.path.startswith(("/option-chain/", "/symbols", "/health", "/pipeline", "/stats"))
        for each in with_key
    )


def test_a_key_that_is_taken_back_is_asked_for_again(site: Site, new_page: OpenPage) -> None:
    site.front.key = KEY
    dashboard = new_page(site)
    dashboard.open(state="key")
    enter(dashboard, KEY)
    dashboard.wait("live")
    rows = dashboard.strikes()
    site.front.key = "another"
    dashboard.let_pass(8)
    dashboard.wait("key")
    assert dashboard.strikes() == rows
    asked = len(site.front.to("/option-chain"))
    dashboard.let_pass(20)
    assert len(site.front.to("/option-chain")) == asked
