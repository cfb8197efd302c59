"""The page's modules one by one, as a browser runs them: for tests of a function."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page, Route

_HOST = "http://modules.invalid/"
_CALL = """async ([path, name, given]) => (await import(path))[name](...given)"""


class PageModules:
    """Calls the exported functions of modules with what JSON can say, and returns such."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._folder = files("chain_api") / "dashboard"
        page.route(f"{_HOST}**", self._serve)
        page.goto(_HOST)

    def call(self, path: str, name: str, *given: object) -> Any:  # noqa: ANN401
        """Return what a function of a module returns."""
        return self._page.evaluate(_CALL, [f"{_HOST}{path}", name, list(given)])

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(_HOST)
        if path.endswith(".js"):
            text = self._folder.joinpath(path).read_text("utf-8")
            route.fulfill(body=text, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html")
