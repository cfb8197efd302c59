"""A deployment may ask for a key: the page asks the user for it, and stores it in the browser."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.server import Server

KEY = "a-key-of-the-tests-0123456789"


def open_without_key(server: Server, new_page: OpenPage) -> Dashboard:
    """Open the page of a server that asks for a key."""
    server.proxy.key = KEY
    dashboard = new_page(server)
    dashboard.open(state="key")
    return dashboard


def enter(dashboard: Dashboard, key: str) -> None:
    """Type a key into the dialog and submit it."""
    dashboard.page.locator("#key-dialog input#key").fill(key)
    dashboard.page.keyboard.press("Enter")
    dashboard.settle()


def test_wrong_key_is_refused_and_right_key_opens_the_page(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = open_without_key(server, new_page)
    dialog = dashboard.page.locator("#key-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("#key")).to_be_focused()
    enter(dashboard, "wrong")
    assert dashboard.state == "key"
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("alert")).to_contain_text("not know")
    enter(dashboard, KEY)
    assert dashboard.state == "live"
    expect(dialog).to_be_hidden()
    assert dashboard.contents().strikes


def test_key_is_stored_and_sent_in_a_header_alone(server: Server, new_page: OpenPage) -> None:
    dashboard = open_without_key(server, new_page)
    enter(dashboard, KEY)
    dashboard.page.reload()
    dashboard.wait_for_state("live")
    dashboard.settle()
    assert KEY not in dashboard.page.url
    assert not [url for url in dashboard.log.requests if KEY in url]
    assert KEY not in dashboard.page.content()
    with_key = {each.path for each in server.proxy.requests if each.headers.get("x-api-key") == KEY}
    assert with_key
    data = ("/option-chain/", "/symbols", "/health", "/pipeline", "/stats")
    assert all(path.startswith(data) for path in with_key)


def test_revoked_key_is_asked_for_again_and_nothing_else_is(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = open_without_key(server, new_page)
    enter(dashboard, KEY)
    rows = dashboard.contents().strikes
    server.proxy.key = "another"
    dashboard.advance(8)
    assert dashboard.state == "key"
    assert dashboard.contents().strikes == rows
    requests = len(server.proxy.requests_to("/option-chain"))
    dashboard.advance(20)
    assert len(server.proxy.requests_to("/option-chain")) == requests


def test_text_that_cannot_be_a_key_is_said_and_not_stored(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = open_without_key(server, new_page)
    enter(dashboard, "\u043a\u043b\u044e\u0447")
    dialog = dashboard.page.locator("#key-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("alert")).to_contain_text("ASCII")
    assert dashboard.page.evaluate("localStorage.getItem('option-chain.key')") is None
    enter(dashboard, KEY)
    assert dashboard.state == "live"
