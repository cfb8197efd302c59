"""The page /docs in a browser: nothing from another host, behind a stage too."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.server import Server


def test_docs_list_the_operations(empty_server: Server, new_page: OpenPage) -> None:
    empty_server.proxy.stage = "/prod"
    docs = new_page(empty_server, paused=False)
    docs.page.goto(f"{empty_server.url}/docs")
    expect(docs.page.locator("#operations-Option_chain-getOptionChain")).to_be_visible()
    empty_server.proxy.wait(busy=False)
    assert {each.status for each in empty_server.proxy.requests} == {200}
    assert all(url.startswith((empty_server.url, "data:")) for url in docs.log.requests)
