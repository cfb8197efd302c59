"""The page /dashboard: complete, small, cached by browsers, with no part from another host."""

import gzip
import re
import shutil
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from hashlib import sha384
from importlib.resources import as_file, files
from pathlib import Path
from typing import get_args

import pytest
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from starlette.testclient import TestClient

from chain_api.site import dashboard as dashboard_page
from chain_api.site.bundle import scripts_of, sources
from optionchain.analytics import Reason
from tests.support.api import client, elements, policy_of, problem
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock

FOLDER = files("chain_api") / "dashboard"
_ANALYTICS = Path(__file__).parents[3] / "docs" / "analytics.md"
VENDORED = FOLDER / "vendor" / "uplot"
PAGES = ("/dashboard", "/dashboard/screener", "/dashboard/side-by-side")
# Of what is loaded before a panel is opened.
MOST_BYTES = 150 * 1024
# A table needs no chart library.
MOST_OF_SCREENER = 30 * 1024
MEDIA_TYPES = {"js": "text/javascript", "css": "text/css", "txt": "text/plain"}
PARTS = sorted(dashboard_page.read().parts)
LIBRARY = "fflate.js"
LATER = [name for name in PARTS if re.match("(dashboard|screener)-", name)]
DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function|const|let|class) (?:(\w+)|[{\[])", re.MULTILINE
)
MODULES = sources(FOLDER, ".js")


def path_of(name: str) -> str:
    return f"/dashboard/{dashboard_page.read().version}/{name}"


@pytest.mark.parametrize("path", PAGES)
def test_page_is_html_that_browsers_revalidate(api: TestClient, path: str) -> None:
    response = api.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.text.startswith("<!doctype html>")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_page_is_not_sent_again_to_a_browser_that_has_it(api: TestClient, encoding: str) -> None:
    accepted = {"accept-encoding": encoding}
    tag = api.get("/dashboard", headers=accepted).headers["etag"]
    again = api.get("/dashboard", headers=accepted | {"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert "script-src 'self'" in again.headers["content-security-policy"]
    other = api.get("/dashboard", headers=accepted | {"if-none-match": '"of another version"'})
    assert other.status_code == 200


def test_page_has_words_for_every_reason_of_a_missing_number() -> None:
    documented = _ANALYTICS.read_text().split("## Reasons\n")[1].split("\n## ")[0]
    reasons = set(re.findall(r"^\| `(\w+)` \|", documented, re.MULTILINE))
    words = set(re.findall(r'^    (\w+): "', MODULES["words/reasons.js"], re.MULTILINE))
    assert "payoff_fixed" in reasons
    assert reasons | set(get_args(Reason.__value__)) <= words


def test_page_runs_no_script_and_no_style_but_its_own(api: TestClient) -> None:
    assert policy_of(api.get("/dashboard")) == {
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
    for tag, attributes in (each for path in PAGES for each in elements(api.get(path).text)):
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "script" or attributes["src"]


@pytest.mark.parametrize("name", MODULES)
def test_no_text_becomes_markup_or_code(name: str) -> None:
    code = MODULES[name]
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert sink not in code


@pytest.mark.parametrize("name", PARTS)
def test_part_is_cached_by_browsers_for_a_year(api: TestClient, name: str) -> None:
    response = api.get(path_of(name), headers={"accept-encoding": "gzip"})
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    kind = MEDIA_TYPES[name.rpartition(".")[2]]
    assert response.headers["content-type"] == f"{kind}; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-encoding"] == "gzip"


def test_every_part_goes_through_lambda_as_text() -> None:
    kinds = [part.media_type for part in dashboard_page.read().parts.values()]
    assert set(kinds) == set(MEDIA_TYPES.values())
    assert all(kind.startswith(tuple(DEFAULT_TEXT_MIME_TYPES)) for kind in kinds)


@pytest.mark.parametrize("path", [
    "", "dashboard.js", "0000000000000000/dashboard.js", "{version}/", "{version}/main.js",
    "{version}/nothing.js", "{version}/../dashboard.py", "{version}/..%2fdashboard.py",
    "{version}/%2e%2e/%2e%2e/settings.py", "{version}/..%5c..%5cdashboard.py",
    "{version}/vendor/uplot/README.md", "{version}//etc/passwd", "{version}/%00",
])  # fmt: skip
def test_nothing_else_is_served(api: TestClient, path: str) -> None:
    path = path.replace("{version}", dashboard_page.read().version)
    problem(api.get(f"/dashboard/{path}"), 404, "not-found")


def test_page_is_light() -> None:
    page = dashboard_page.read()
    first = [name for name in PARTS if re.match("dashboard[.]|uPlot", name)]
    texts = [page.html, *(page.parts[name].content for name in first)]
    assert len(LATER) > 0
    assert sum(map(compressed, texts)) < MOST_BYTES


def test_screener_is_lighter_still(api: TestClient) -> None:
    found = elements(api.get("/dashboard/screener").text)
    named = [at.get("src") or at.get("href") for tag, at in found if tag in ("script", "link")]
    own = [
        api.get(f"/dashboard/{name}")
        for name in named
        if name and "{" not in name and ":" not in name
    ]
    assert {response.status_code for response in own} == {200}
    texts = [dashboard_page.read().screener, *(response.text for response in own)]
    assert len(texts) == 3
    assert sum(map(compressed, texts)) < MOST_OF_SCREENER


def compressed(text: str) -> int:
    return len(gzip.compress(text.encode(), 5))


@pytest.mark.parametrize(
    "changed",
    [
        "index.html",
        "screener.html",
        "page/unit_picker.html",
        "requests/polling.js",
        "chain/chain.css",
        "vendor/uplot/uPlot.iife.min.js",
    ],
)
def test_address_of_the_parts_changes_with_any_of_them(tmp_path: Path, changed: str) -> None:
    page = dashboard_page.read()
    assert re.fullmatch("[0-9a-f]{16}", page.version)
    assert page.version in page.html
    with as_file(FOLDER) as folder:
        shutil.copytree(folder, tmp_path / "dashboard")
    copy = tmp_path / "dashboard"
    assert dashboard_page.build_page(copy) == page
    (copy / changed).write_text((copy / changed).read_text("utf-8") + "\n", "utf-8")
    other = dashboard_page.build_page(copy)
    assert other.version != page.version
    assert other.version in other.html


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["key_dialog", "unit_picker"])
def test_fragment_stands_in_every_page_as_it_is_written(
    api: TestClient, path: str, name: str
) -> None:
    fragment = (FOLDER / "page" / f"{name}.html").read_text("utf-8")
    text = api.get(path).text
    assert dedented(fragment) in dedented(text)
    assert "{" not in text


def dedented(text: str) -> str:
    return re.sub(r"^ +", "", text, flags=re.MULTILINE)


def test_page_with_a_fragment_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with as_file(FOLDER) as folder:
        shutil.copytree(folder, tmp_path / "dashboard")
    copy = tmp_path / "dashboard"
    (copy / "page" / "unit_picker.html").unlink()
    with pytest.raises(FileNotFoundError, match=r"page/unit_picker\.html"):
        dashboard_page.build_page(copy)


def digest_of(content: bytes) -> str:
    return "sha384-" + b64encode(sha384(content).digest()).decode()


@pytest.mark.parametrize(
    "path", ["uplot/uPlot.iife.min.js", "uplot/uPlot.min.css", "fflate/fflate.js"]
)
def test_vendored_file_has_the_digest_on_record(path: str) -> None:
    folder, _, name = path.partition("/")
    library = FOLDER / "vendor" / folder
    digest = digest_of((library / name).read_bytes())
    assert f"| `{name}` | `{digest}` |" in (library / "README.md").read_text("utf-8")
    assert "MIT License" in (library / "LICENSE").read_text("utf-8")


def test_browser_checks_the_chart_library_itself(api: TestClient) -> None:
    found = elements(api.get("/dashboard").text)
    scripts = [at for tag, at in found if tag == "script"]
    (library,) = [at for at in scripts if str(at["src"]).endswith("uPlot.iife.min.js")]
    assert library["integrity"] == digest_of(api.get(f"/{library['src']}").content)


def test_licence_of_the_chart_library_is_served_with_it(api: TestClient) -> None:
    assert "MIT License" in api.get(path_of("uPlot-LICENSE.txt")).text
    assert path_of("uPlot-LICENSE.txt")[1:] in api.get("/dashboard").text


def own_texts() -> Iterator[tuple[str, str]]:
    for ending in (".html", ".js", ".css"):
        yield from sources(FOLDER, ending).items()


def test_no_file_names_another_host() -> None:
    namespaces = r"http://(www\.w3\.org/2000/svg|schemas\.openxmlformats\.org/[\w/-]+)"
    for name, text in own_texts():
        plain = re.sub(namespaces, "", text)
        assert not re.search(r"(https?:|wss?:)?//\w[\w-]*\.\w", plain), name
    for name in ("uPlot.iife.min.js", "uPlot.min.css"):
        code = re.sub(r"/\*.*?\*/", "", (VENDORED / name).read_text("utf-8"), flags=re.DOTALL)
        assert "//" not in code, name
    assert "@import" not in part("dashboard.css")
    assert "url(" not in part("dashboard.css")


def part(name: str) -> str:
    return dashboard_page.read().parts[name].content


def test_every_stylesheet_and_module_is_served() -> None:
    styles = "".join(part(name) for name in PARTS if name.endswith(".css"))
    assert all(text in styles for text in sources(FOLDER, ".css").values())
    scripts = "".join(part(name) for name in PARTS if name.endswith(".js"))
    served = re.findall(r"^// ([\w/]+\.js)$", scripts, re.MULTILINE)
    assert set(served) == set(MODULES)
    assert len(MODULES) > 10


@pytest.mark.parametrize("name", ["dashboard.js", "screener.js", "side-by-side.js"])
def test_first_script_of_a_page_imports_nothing(name: str) -> None:
    assert not re.search(r"^\s*import\s+[\w{*\"']", part(name), re.MULTILINE)


@pytest.mark.parametrize("name", LATER)
def test_script_that_is_loaded_later_brings_only_what_is_new(name: str) -> None:
    """It takes the rest from the first script, so that each module runs once in a page."""
    first = f"{name.partition('-')[0]}.js"
    own = set(re.findall(r"^// ([\w/]+\.js)$", part(name), re.MULTILINE))
    assert own
    assert not own & set(re.findall(r"^// ([\w/]+\.js)$", part(first), re.MULTILINE))
    for names, source in re.findall(r'^import \{(.*)\} from "(.*)";$', part(name), re.MULTILINE):
        assert source == f"./{first}"
        exported = re.findall(r"^export \{ (.*) \};$", part(first), re.MULTILINE)[0]
        assert {each.strip() for each in names.split(",")} <= set(exported.split(", "))


@pytest.mark.parametrize(
    "name", [name for name in PARTS if re.match("dashboard|screener|side", name)]
)
def test_modules_of_a_script_share_no_name_of_their_top_level(name: str) -> None:
    """They go out as one file, which a browser would refuse if a name were declared twice."""
    names = Counter(DECLARED.findall(part(name)))
    assert [each for each, count in names.items() if count > 1] == []


def test_modules_come_after_those_that_they_import() -> None:
    modules = {
        "main.js": 'import { b } from "./words/b.js";\nimport { a } from "./a.js";\nb(a);\n',
        "a.js": "export const a = 1;\n",
        "words/b.js": 'import { a } from "../a.js";\nexport function b() { return a; }\n',
        "unused.js": "export const c = 1;\n",
    }
    assert scripts_of(modules, "main.js", "page") == {
        "page.js": "// a.js\nconst a = 1;\n\n"
        "// words/b.js\nfunction b() { return a; }\n\n// main.js\nb(a);\n"
    }


def test_module_that_is_loaded_later_takes_what_the_page_has() -> None:
    modules = {
        "main.js": 'import { a } from "./a.js";\na();\nimport("./panels/late.js");\n',
        "a.js": "export function a() {}\nexport const b = 2;\n",
        "panels/late.js": 'import {\n    b,\n} from "../a.js";\nimport { c } from "./c.js";\n'
        "export function open() { return b + c; }\n",
        "panels/c.js": "export const c = 3;\n",
    }
    assert scripts_of(modules, "main.js", "page") == {
        "page.js": "// a.js\nfunction a() {}\nconst b = 2;\n\n"
        '// main.js\na();\nimport("./page-late.js");\n\nexport { b };\n',
        "page-late.js": 'import { b } from "./page.js";\n\n// panels/c.js\nconst c = 3;\n\n'
        "// panels/late.js\nfunction open() { return b + c; }\n\nexport { open };\n",
    }


def test_modules_that_import_each_other_are_refused() -> None:
    modules = {f"{a}.js": f'import {{ {b} }} from "./{b}.js";\n' for a, b in ("ab", "ba")}
    with pytest.raises(ValueError, match=r"a\.js imports itself by way of b\.js"):
        scripts_of(modules, "a.js", "page")


def test_module_of_two_later_ones_is_there_once() -> None:
    """Its state would be there twice otherwise: two panels would give the same ids."""
    modules = {
        "main.js": 'import("./x.js");\nimport("./y.js");\n',
        **{
            f"{name}.js": 'import { next } from "./count.js";\nexport function open() {}\n'
            for name in "xy"
        },
        "count.js": "let count = 0;\nexport function next() {}\n",
    }
    scripts = scripts_of(modules, "main.js", "page")
    assert [name for name, script in scripts.items() if "let count" in script] == ["page.js"]
    assert scripts["page-y.js"].startswith('import { next } from "./page.js";')
    assert "export { next };" in scripts["page.js"]


@pytest.mark.parametrize("other", ["a.js", "other/late.js"])
def test_module_that_can_have_no_script_of_its_own_is_refused(other: str) -> None:
    """It is in the page already, or another one has its file name."""
    modules = {
        "main.js": f'import {{ a }} from "./a.js";\nimport("./late.js");\nimport("./{other}");\n',
        **dict.fromkeys(("a.js", "late.js", "other/late.js"), "export const a = 1;\n"),
    }
    with pytest.raises(ValueError, match=f"{other} cannot be the script"):
        scripts_of(modules, "main.js", "page")


def test_page_is_read_at_its_first_request() -> None:
    """A cold start for data does not read it."""
    dashboard_page.read.cache_clear()
    fresh = client(memory_database())
    assert fresh.get("/").status_code == 200
    assert dashboard_page.read.cache_info().misses == 0
    assert [fresh.get("/dashboard").status_code for _ in range(2)] == [200, 200]
    assert dashboard_page.read.cache_info().misses == 1


@pytest.mark.parametrize("selector", [":has(", "[data-value", "[title"])
def test_no_rule_asks_for_what_every_update_changes(selector: str) -> None:
    """A browser would style all cells of the chain anew for each text that changes."""
    styles = "".join(sources(FOLDER, ".css").values())
    assert "td.empty" in styles
    assert selector not in styles
