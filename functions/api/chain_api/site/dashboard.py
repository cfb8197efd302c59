"""The pages below /dashboard, with no part from another host."""

import re
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from posixpath import basename
from textwrap import indent
from typing import NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from chain_api.parameters.names import takes_any
from chain_api.problems.catalogue import Problem
from chain_api.site.bundle import (
    LIBRARIES,
    SCREENER_STYLES,
    SIDE_BY_SIDE_STYLES,
    STYLES,
    scripts_of,
    sources,
    styled,
)

# Scripts set styles only through the CSSOM, which needs no 'unsafe-inline'. No string ever becomes
# markup; browsers that know trusted types enforce this.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'"
)
_PAGES = ("index.html", "screener.html", "side_by_side.html")
# A line of a page that stands for page/<name>.html, which several pages have.
_FRAGMENT = re.compile(r"^( *)\{([a-z-]+)\}\n", re.MULTILINE)
_IMMUTABLE = "public, max-age=31536000, immutable"


class Part(NamedTuple):
    """A file of the page."""

    content: str
    media_type: str


class Page(NamedTuple):
    """The pages and their files, by name; `version` changes with any of them."""

    html: str
    screener: str
    side_by_side: str
    parts: dict[str, Part]
    version: str


def router() -> APIRouter:
    """Return the routes of the page and its parts, which are not in the OpenAPI document."""
    routes = APIRouter(include_in_schema=False)
    # Their scripts read what an address names; mail and chat programs add more to a link.
    pages = [Depends(takes_any)]

    @routes.get("/dashboard", dependencies=pages)
    def dashboard(request: Request) -> Response:
        page = read()
        return _html(request, page.version, page.html)

    @routes.get("/dashboard/screener", dependencies=pages)
    def screener(request: Request) -> Response:
        page = read()
        return _html(request, page.version, page.screener)

    @routes.get("/dashboard/side-by-side", dependencies=pages)
    def side_by_side(request: Request) -> Response:
        page = read()
        return _html(request, page.version, page.side_by_side)

    @routes.get("/dashboard/{version}/{name}")
    def part(version: str, name: str) -> Response:
        page = read()
        found = page.parts.get(name) if version == page.version else None
        if found is None:
            raise Problem(404, "not-found", "Nothing is served at this path.")
        headers = {"Cache-Control": _IMMUTABLE}
        return Response(found.content, headers=headers, media_type=found.media_type)

    return routes


def _html(request: Request, version: str, html: str) -> Response:
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": _POLICY,
        "ETag": f'"{version}"',
    }
    # The tag of a compressed body has a suffix, so the version is searched in it.
    if version in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(html, headers=headers, media_type="text/html")


@cache
def read() -> Page:
    """Return the page, which is put together at its first request."""
    return build_page(files("chain_api") / "dashboard")


def build_page(folder: Traversable) -> Page:
    """Return the pages of a folder, the modules of each joined into few files.

    A browser would request separate modules at the same time, and each of those requests can start
    another environment of the function. A panel is one more file, requested when it is opened.
    """
    vendored = folder / "vendor" / "uplot"
    htmls = [_html_of(folder, name) for name in _PAGES]
    modules = sources(folder, ".js")
    library = (vendored / "uPlot.iife.min.js").read_text("utf-8")
    styles = (vendored / "uPlot.min.css").read_text("utf-8")
    licence = (vendored / "LICENSE").read_text("utf-8")
    scripts = scripts_of(modules, "main.js", "dashboard")
    scripts |= scripts_of(modules, "screener.js", "screener")
    scripts |= scripts_of(modules, "side_by_side.js", "side-by-side")
    parts = {name: Part(script, "text/javascript") for name, script in scripts.items()} | {
        "dashboard.css": Part(styled(folder, STYLES, styles), "text/css"),
        "screener.css": Part(styled(folder, SCREENER_STYLES), "text/css"),
        "side-by-side.css": Part(styled(folder, SIDE_BY_SIDE_STYLES), "text/css"),
        "uPlot.iife.min.js": Part(library, "text/javascript"),
        "uPlot-LICENSE.txt": Part(licence, "text/plain"),
    }
    for path in LIBRARIES:
        parts[basename(path)] = Part((folder / path).read_text("utf-8"), "text/javascript")
    digest = blake2b("".join(htmls).encode(), digest_size=8)
    for part in parts.values():
        digest.update(part.content.encode())
    version = digest.hexdigest()
    html, screener, side_by_side = (text.replace("{version}", version) for text in htmls)
    return Page(html, screener, side_by_side, parts, version)


def _html_of(folder: Traversable, name: str) -> str:
    """Return a page with its fragments; raise FileNotFoundError for one that is not there."""

    def fragment(found: re.Match[str]) -> str:
        path = f"page/{found[2].replace('-', '_')}.html"
        return indent((folder / path).read_text("utf-8"), found[1])

    return _FRAGMENT.sub(fragment, (folder / name).read_text("utf-8"))
