"""The page's modules as one script, and its stylesheets as one.

The modules are plain ES modules that editors and browsers understand as they are. So that they can
be joined, they keep to one form: `import { a, b } from "./module.js";`, `export` before a
declaration, and no top-level name twice.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z_]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.MULTILINE)
_SHARED = ("theme.css", "layout.css", "controls.css")
# In the order of the cascade.
STYLES = (*_SHARED, "tiles.css", "chain.css", "charts.css")
SCREENER_STYLES = (*_SHARED, "screener.css")


def sources(folder: Traversable, ending: str) -> dict[str, str]:
    """Return the texts of a folder's own files with this ending, by name."""
    found = [entry for entry in folder.iterdir() if entry.name.endswith(ending)]
    return {entry.name: entry.read_text("utf-8") for entry in found}


def joined(modules: Mapping[str, str], entry: str) -> str:
    """Return a module and its imports as one script; each module follows those it imports.

    Raises KeyError for an import of what is not there.
    """
    ordered: dict[str, None] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"{name} imports itself by way of {above[-1]}")
        for imported in _IMPORT.findall(modules[name]):
            visit(imported, (*above, name))
        ordered[name] = None

    visit(entry, ())
    return "\n".join(f"// {name}\n{_bare(modules[name])}" for name in ordered)


def _bare(module: str) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", module))


def styled(folder: Traversable, names: Sequence[str], *libraries: str) -> str:
    """Return stylesheets as one: those of libraries first, then the page's own."""
    own = sources(folder, ".css")
    return "\n".join([*libraries, *(own[name] for name in names)])
