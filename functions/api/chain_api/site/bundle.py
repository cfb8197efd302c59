"""The page's modules as few scripts, and its stylesheets as one.

The modules are plain ES modules that editors and browsers understand as they are. So that they can
be joined, they keep to one form: `import { a, b } from "./folder/module.js";`, `export` before a
declaration, no top-level name twice, and `import("./folder/module.js")` for what is loaded later.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from posixpath import basename, dirname, join, normpath

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[a-z0-9_./]+\.js)";\n', re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.[a-z0-9_./]+\.js)"\)')
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.MULTILINE)
_VENDOR = "vendor"
# What the page loads as it is.
LIBRARIES = ("vendor/fflate/fflate.js",)
_SHARED = ("page/theme.css", "page/layout.css", "page/controls.css")
# In the order of the cascade.
STYLES = (
    *_SHARED,
    "figures/tiles.css",
    "chain/chain.css",
    "charts/charts.css",
    "panels/",
    "page/days.css",
    "page/screens.css",
)
SCREENER_STYLES = (*_SHARED, "panels/export.css", "screener/screener.css")
SIDE_BY_SIDE_STYLES = (*_SHARED, "chain/chain.css", "side_by_side/side_by_side.css")


def sources(folder: Traversable, ending: str) -> dict[str, str]:
    """Return the texts of the own files in a folder with this ending, by path."""
    return {path: entry.read_text("utf-8") for path, entry in _own(folder) if path.endswith(ending)}


def _own(folder: Traversable, below: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_file():
            yield below + entry.name, entry
        elif entry.name != _VENDOR:
            yield from _own(entry, f"{below}{entry.name}/")


def scripts_of(modules: Mapping[str, str], entry: str, name: str) -> dict[str, str]:
    """Return the scripts of a page, by file name.

    `name.js` is the module `entry` with its imports. Each module that one of them loads later makes
    a script of its own, `name-module.js`, with its imports. What two of those scripts would have is
    in the first one, so that no module is there twice, with a state of its own each; what a script
    needs of the first one, it imports from there. Raises KeyError for an import of what is not
    there, and ValueError for modules that import each other, or that are loaded later though the
    first script has them or another one has their file name.
    """
    first = _ordered(modules, entry)
    later = _all_later(modules, first)
    first += _common(modules, first, later)
    wanted: dict[str, None] = {}
    scripts: dict[str, str] = {}
    for module in later:
        script = f"{name}-{basename(module)}"
        if module in first or script in scripts:
            raise ValueError(f"{module} cannot be the script {script}")
        own = [each for each in _ordered(modules, module) if each not in first]
        needed = [n for each in own for n in _names_from(modules, each, first)]
        wanted |= dict.fromkeys(needed)
        exported = _exported(modules[module])
        scripts[script] = _script(modules, own, name, list(dict.fromkeys(needed)), exported)
    return {f"{name}.js": _script(modules, first, name, [], list(wanted)), **scripts}


def _all_later(modules: Mapping[str, str], first: Sequence[str]) -> list[str]:
    """Return what the modules of the first script load later, and what that loads."""
    found = list(dict.fromkeys(_loaded_later(modules, first)))
    for module in found:
        more = _loaded_later(modules, _ordered(modules, module))
        found += [each for each in dict.fromkeys(more) if each not in found]
    return found


def _common(modules: Mapping[str, str], first: Sequence[str], later: Sequence[str]) -> list[str]:
    """Return the imports of more than one of the later modules; each follows its own imports."""
    wanted = [each for module in later for each in _ordered(modules, module) if each not in first]
    return [each for each, times in Counter(wanted).items() if times > 1]


def _ordered(modules: Mapping[str, str], entry: str) -> list[str]:
    """Return a module and its imports; each follows those that it imports."""
    ordered: dict[str, None] = {}

    def visit(path: str, above: tuple[str, ...]) -> None:
        if path in above:
            raise ValueError(f"{path} imports itself by way of {above[-1]}")
        for _, imported in _IMPORT.findall(modules[path]):
            visit(_path(path, imported), (*above, path))
        ordered[path] = None

    visit(entry, ())
    return list(ordered)


def _path(module: str, specifier: str) -> str:
    """Return the path of what a module names relative to itself."""
    return normpath(join(dirname(module), specifier))


def _loaded_later(modules: Mapping[str, str], paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        for specifier in _LATER.findall(modules[path]):
            if (module := _path(path, specifier)) not in LIBRARIES:
                yield module


def _names_from(modules: Mapping[str, str], path: str, others: Sequence[str]) -> Iterator[str]:
    """Return the names that a module imports from one of the others."""
    for names, specifier in _IMPORT.findall(modules[path]):
        if _path(path, specifier) in others:
            yield from (name for name in re.split(r"[\s,]+", names) if name)


def _exported(module: str) -> list[str]:
    return re.findall(r"^export (?:async )?(?:function|const|class) (\w+)", module, re.MULTILINE)


def _script(
    modules: Mapping[str, str],
    paths: Sequence[str],
    name: str,
    needed: Sequence[str],
    exported: Sequence[str],
) -> str:
    """Return modules as one script that imports and exports names."""
    lines = [f'import {{ {", ".join(needed)} }} from "./{name}.js";\n'] if needed else []
    lines += [f"// {path}\n{_bare(modules[path], path, name)}" for path in paths]
    lines += [f"export {{ {', '.join(exported)} }};\n"] if exported else []
    return "\n".join(lines)


def _bare(module: str, path: str, name: str) -> str:
    def script(found: re.Match[str]) -> str:
        is_library = _path(path, found[1]) in LIBRARIES
        return f'import("./{"" if is_library else name + "-"}{basename(found[1])}")'

    return _LATER.sub(script, _EXPORT.sub("", _IMPORT.sub("", module)))


def styled(folder: Traversable, names: Sequence[str], *libraries: str) -> str:
    """Return stylesheets as one: those of libraries first, then the page's own.

    A name that ends with `/` stands for all of its folder, by name.
    """
    own = sources(folder, ".css")
    paths = [path for name in names for path in sorted(own) if path == name or _in(path, name)]
    return "\n".join([*libraries, *(own[path] for path in paths)])


def _in(path: str, name: str) -> bool:
    return name.endswith("/") and path.startswith(name)
