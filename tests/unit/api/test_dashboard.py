"""The page /dashboard: whole, small, from no other host, kept by browsers as long as it may be."""

import gzip
import re
import shutil
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from hashlib import sha384
from html.parser import HTMLParser
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import urljoin

import pytest
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from starlette.testclient import TestClient

from chain_api.site import dashboard as dashboard_page
from chain_api.site.bundle import joined, sources
from tests.support.api import client, problem
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock

FOLDER = files("chain_api") / "dashboard"
VENDORED = FOLDER / "vendor" / "uplot"
STAGE = "https://abcdef1234.execute-api.ap-south-1.amazonaws.com/prod/"
MOST_BYTES = 300 * 1024
MEDIA_TYPES = {
    "dashboard.js": "text/javascript; charset=utf-8",
    "dashboard.css": "text/css; charset=utf-8",
    "uPlot.iife.min.js": "text/javascript; charset=utf-8",
    "uPlot-LICENSE.txt": "text/plain; charset=utf-8",
}
DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function|const|let|class) (?:(\w+)|[{\[])", re.MULTILINE
)
MODULES = sorted(sources(FOLDER, ".js"))


@pytest.fixture
def api() -> TestClient:
    return client(memory_database())


class Elements(HTMLParser):
    """Every element's attributes, by tag."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(html)
    return parser.found


def addresses(html: str) -> list[str]:
    """Return what the page loads."""
    loaded = [("link", "href"), ("script", "src"), ("img", "src")]
    values = [at.get(name) for tag, at in elements(html) for kind, name in loaded if tag == kind]
    return [value for value in values if value and not value.startswith("data:")]


def path_of(name: str) -> str:
    return f"/dashboard/{dashboard_page.read().version}/{name}"


def test_page_is_html_that_is_asked_for_anew_each_time(api: TestClient) -> None:
    response = api.get("/dashboard")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.text.startswith("<!doctype html>")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_page_that_a_browser_has_already_costs_no_body(api: TestClient, encoding: str) -> None:
    accepted = {"accept-encoding": encoding}
    tag = api.get("/dashboard", headers=accepted).headers["etag"]
    again = api.get("/dashboard", headers=accepted | {"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert "script-src 'self'" in again.headers["content-security-policy"]
    other = api.get("/dashboard", headers=accepted | {"if-none-match": '"of another version"'})
    assert other.status_code == 200


def test_page_runs_no_script_and_no_style_but_its_own(api: TestClient) -> None:
    policy = dict(
        rule.strip().split(" ", 1)
        for rule in api.get("/dashboard").headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "data:",
        "connect-src": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_markup_needs_no_exception_from_the_policy(api: TestClient) -> None:
    for tag, attributes in elements(api.get("/dashboard").text):
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "script" or attributes["src"]


@pytest.mark.parametrize("name", MODULES)
def test_no_text_becomes_markup_or_code(name: str) -> None:
    code = sources(FOLDER, ".js")[name]
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert sink not in code


def test_parts_are_below_the_page_at_a_stage_too(api: TestClient) -> None:
    found = addresses(api.get("/dashboard").text)
    assert len(found) == 3
    for address in found:
        assert urljoin(STAGE + "dashboard", address) == STAGE + address
        assert api.get("/" + address).status_code == 200
        assert "/" + address == path_of(address.rpartition("/")[2])


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_part_is_kept_by_browsers_for_good(api: TestClient, name: str) -> None:
    response = api.get(path_of(name))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == MEDIA_TYPES[name]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("name", ["dashboard.js", "dashboard.css", "uPlot.iife.min.js", ""])
def test_head_has_the_headers_of_its_get(api: TestClient, name: str) -> None:
    path = path_of(name) if name else "/dashboard"
    got, head = api.get(path), api.head(path)
    assert (head.status_code, head.content) == (200, b"")
    ignored = {"x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in got.headers.items() if k not in ignored
    }


def test_every_part_goes_through_lambda_as_text() -> None:
    kinds = [part.media_type for part in dashboard_page.read().parts.values()]
    assert len(kinds) == len(MEDIA_TYPES)
    assert all(kind.startswith(tuple(DEFAULT_TEXT_MIME_TYPES)) for kind in kinds)


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard/",
        "/dashboard/dashboard.js",
        "/dashboard/0000000000000000/dashboard.js",
        "/dashboard/{version}/",
        "/dashboard/{version}/main.js",
        "/dashboard/{version}/nothing.js",
        "/dashboard/{version}/../dashboard_page.py",
        "/dashboard/{version}/..%2fdashboard_page.py",
        "/dashboard/{version}/%2e%2e/%2e%2e/settings.py",
        "/dashboard/{version}/..%5c..%5cdashboard_page.py",
        "/dashboard/{version}/vendor/uplot/README.md",
        "/dashboard/{version}//etc/passwd",
        "/dashboard/{version}/%00",
    ],
)
def test_nothing_else_is_served(api: TestClient, path: str) -> None:
    asked = path.replace("{version}", dashboard_page.read().version)
    problem(api.get(asked), 404, "not-found")


def test_page_is_light() -> None:
    page = dashboard_page.read()
    texts = [page.html, *(part.content for part in page.parts.values())]
    assert sum(len(gzip.compress(text.encode(), 5)) for text in texts) < MOST_BYTES


@pytest.mark.parametrize(
    "changed",
    ["index.html", "polling.js", "chain.css", "vendor/uplot/uPlot.iife.min.js"],
)
def test_address_of_the_parts_changes_with_any_of_them(tmp_path: Path, changed: str) -> None:
    page = dashboard_page.read()
    assert re.fullmatch("[0-9a-f]{16}", page.version)
    assert page.version in page.html
    with as_file(FOLDER) as folder:
        shutil.copytree(folder, tmp_path / "dashboard")
    assert dashboard_page.build_page(tmp_path / "dashboard") == page
    file = tmp_path / "dashboard" / changed
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    other = dashboard_page.build_page(tmp_path / "dashboard")
    assert other.version != page.version
    assert other.version in other.html


@pytest.mark.parametrize("name", ["uPlot.iife.min.js", "uPlot.min.css"])
def test_vendored_file_is_the_one_on_record(name: str) -> None:
    digest = "sha384-" + b64encode(sha384((VENDORED / name).read_bytes()).digest()).decode()
    assert f"| `{name}` | `{digest}` |" in (VENDORED / "README.md").read_text("utf-8")


def test_browser_checks_the_chart_library_itself(api: TestClient) -> None:
    scripts = [at for tag, at in elements(api.get("/dashboard").text) if tag == "script"]
    (library,) = [at for at in scripts if str(at["src"]).endswith("uPlot.iife.min.js")]
    served = api.get(f"/{library['src']}").content
    assert library["integrity"] == "sha384-" + b64encode(sha384(served).digest()).decode()


def test_licence_of_the_chart_library_goes_with_it(api: TestClient) -> None:
    assert "MIT License" in api.get(path_of("uPlot-LICENSE.txt")).text
    assert path_of("uPlot-LICENSE.txt")[1:] in api.get("/dashboard").text


def own_texts() -> Iterator[tuple[str, str]]:
    yield "index.html", (FOLDER / "index.html").read_text("utf-8")
    for ending in (".js", ".css"):
        yield from sources(FOLDER, ending).items()


def test_no_file_names_another_host() -> None:
    namespace = "http://www.w3.org/2000/svg"
    for name, text in own_texts():
        assert not re.search(r"(https?:|wss?:)?//\w[\w-]*\.\w", text.replace(namespace, "")), name
    for name in ("uPlot.iife.min.js", "uPlot.min.css"):
        code = re.sub(r"/\*.*?\*/", "", (VENDORED / name).read_text("utf-8"), flags=re.DOTALL)
        assert "//" not in code, name


def test_stylesheet_loads_nothing() -> None:
    style = dashboard_page.read().parts["dashboard.css"].content
    assert "@import" not in style
    assert "url(" not in style


def test_every_stylesheet_and_module_is_served() -> None:
    parts = dashboard_page.read().parts
    styles, modules = sources(FOLDER, ".css"), sources(FOLDER, ".js")
    assert all(text in parts["dashboard.css"].content for text in styles.values())
    served = re.findall(r"^// (\w+\.js)$", parts["dashboard.js"].content, re.MULTILINE)
    assert sorted(served) == MODULES
    assert len(modules) > 10


def test_script_is_one_file_without_imports() -> None:
    code = dashboard_page.read().parts["dashboard.js"].content
    assert not re.search(r"^\s*(import\s+[\w{*\"']|export\s)", code, re.MULTILINE)


def test_no_name_stands_twice_at_the_top_of_the_script() -> None:
    """Modules may share none, since they go out as one: a browser would refuse the whole."""
    code = dashboard_page.read().parts["dashboard.js"].content
    names = Counter(DECLARED.findall(code))
    assert len(names) > 100
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("name", MODULES)
def test_module_has_what_others_import_from_it(name: str) -> None:
    exported = sources(FOLDER, ".js")
    imports = re.findall(r'^import \{([^}]*)\} from "\./(\w+\.js)";$', exported[name], re.MULTILINE)
    assert len(imports) == len(re.findall(r"^import ", exported[name], re.MULTILINE))
    for names, module in imports:
        for each in names.split(","):
            declared = rf"^export (?:async )?(?:function|const|class) {each.strip()}\b"
            assert re.search(declared, exported[module], re.MULTILINE), (each, module)


def test_modules_come_after_those_that_they_import() -> None:
    modules = {
        "main.js": 'import { b } from "./b.js";\nimport { a } from "./a.js";\nb(a);\n',
        "a.js": "export const a = 1;\n",
        "b.js": 'import { a } from "./a.js";\nexport function b() { return a; }\n',
        "unused.js": "export const c = 1;\n",
    }
    assert joined(modules, "main.js") == (
        "// a.js\nconst a = 1;\n\n// b.js\nfunction b() { return a; }\n\n// main.js\nb(a);\n"
    )


def test_modules_that_import_each_other_are_refused() -> None:
    modules = {
        "a.js": 'import { b } from "./b.js";\n',
        "b.js": 'import { a } from "./a.js";\n',
    }
    with pytest.raises(ValueError, match=r"a\.js imports itself by way of b\.js"):
        joined(modules, "a.js")


def test_every_element_that_a_script_looks_for_is_there() -> None:
    page = dashboard_page.read()
    code = page.parts["dashboard.js"].content
    there = {at["id"] for _, at in elements(page.html) if "id" in at}
    sought = set(re.findall(r'elementById\("([\w-]+)", ', code))
    assert len(sought) > 15
    assert sought - there == set()


def test_every_element_is_named_once_and_every_label_leads_somewhere() -> None:
    found = elements(dashboard_page.read().html)
    ids = Counter(at["id"] for _, at in found if "id" in at)
    assert max(ids.values()) == 1
    for _, attributes in found:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            assert attributes.get(name) is None or attributes[name] in ids, attributes


def test_root_leads_to_the_page(api: TestClient) -> None:
    link = api.get("/").json()["links"]["dashboard"]
    assert urljoin(STAGE, link) == STAGE + "dashboard"
    assert api.get("/" + link).status_code == 200


def test_page_is_read_when_it_is_asked_for_first() -> None:
    """A cold start for data does without."""
    dashboard_page.read.cache_clear()
    fresh = client(memory_database())
    assert fresh.get("/").status_code == 200
    assert dashboard_page.read.cache_info().misses == 0
    assert [fresh.get("/dashboard").status_code for _ in range(2)] == [200, 200]
    assert dashboard_page.read.cache_info().misses == 1
