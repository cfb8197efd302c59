"""The sources that there are, by name. One more is a folder and a line here."""

from collections.abc import Sequence
from importlib import import_module
from typing import cast

from chain_fetch.source import SourceModule
from optionchain.errors import SettingInvalid

SOURCES = {
    "nse": "chain_fetch.nse.source",
    "upstox": "chain_fetch.upstox.source",
    "dhan": "chain_fetch.dhan.source",
}


def source_modules(names: Sequence[str]) -> dict[str, SourceModule]:
    """Return the modules of these sources, in order of preference; raise SettingInvalid.

    Only the named ones are loaded.
    """
    for name in names:
        if name not in SOURCES:
            allowed = f"must be names out of {', '.join(SOURCES)}, separated by commas"
            raise SettingInvalid("SOURCE", ",".join(names), allowed)
    return {name: cast("SourceModule", import_module(SOURCES[name])) for name in names}
