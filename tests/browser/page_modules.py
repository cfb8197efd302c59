"""The page's modules one by one, as they are written, in a browser: to call their functions."""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

from chain_api.site.bundle import scripts_of, sources

_ORIGIN = "http://modules.invalid"
# Over JSON, which Playwright would be slower to take apart; it has no word for an infinite number.
_CALL_ALL = """async ([path, name, calls]) => {
  const called = (await import(path))[name];
  const isInfinite = value => typeof value === 'number' && !Number.isFinite(value);
  return JSON.stringify(JSON.parse(calls).map(given => called(...given) ?? null),
    (_, value) => isInfinite(value) ? String(value) : value);
}"""


class PageModules:
    """Answers each request of a page with a module of the dashboard."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._modules = sources(files("chain_api") / "dashboard", ".js")
        page.route(f"{_ORIGIN}/**", self._answer)
        page.goto(f"{_ORIGIN}/")

    def _answer(self, route: Route) -> None:
        module = self._modules.get(urlsplit(route.request.url).path[1:])
        kind = "text/html" if module is None else "text/javascript"
        route.fulfill(body=module or "<!doctype html>", content_type=f"{kind}; charset=utf-8")

    def call(self, path: str, name: str, *given: object) -> Any:  # noqa: ANN401
        """Return what a function of a module returns; infinite numbers are texts."""
        return self.call_all(path, name, [given])[0]

    def call_all(self, path: str, name: str, calls: Sequence[Sequence[object]]) -> list[Any]:
        """Return what it returns for each of several arguments."""
        given = [f"/{path}", name, json.dumps(calls)]
        found: list[Any] = json.loads(self._page.evaluate(_CALL_ALL, given))
        return found


def call(page: Page, module: str, expression: str, *given: object) -> Any:  # noqa: ANN401
    """Return what an expression says with the names of a module; `given` are `args` in it."""
    modules = sources(files("chain_api") / "dashboard", ".js")
    script = scripts_of(modules, module, "tested")["tested.js"]
    return page.evaluate(f"args => {{ {script}\nreturn ({expression}); }}", list(given))
