"""The page /docs in a browser: nothing from another host, behind a stage too."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.site import Site


def test_the_operations_are_listed(empty_site: Site, new_page: OpenPage) -> None:
    empty_site.front.stage = "/prod"
    docs = new_page(empty_site, frozen=False)
    docs.page.goto(f"{empty_site.url}/docs")
    expect(docs.page.locator("#operations-Option_chain-getOptionChain")).to_be_visible()
    assert {each.status for each in empty_site.front.asked} == {200}
    assert all(each.startswith((empty_site.url, "data:")) for each in docs.watch.asked)
