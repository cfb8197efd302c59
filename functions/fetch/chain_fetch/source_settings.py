"""Settings of sources that would be ignored silently: they are refused at the start."""

import re
from collections.abc import Iterable, Mapping

from chain_fetch.sources import SOURCES, source_modules
from chain_fetch.tokens.token_store import FileTokens, GivenTokens, holds_a_token, token_store
from optionchain.aws_secret import HIDDEN
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

# Other text may be a token that was put in the place of a name.
_NAME = re.compile(r"[a-z]{2,20}")


def check_source_settings(settings: Settings) -> None:
    """Raise SettingInvalid for what names no source, for an empty token, and for a check alone."""
    check_hosts(settings)
    if settings.cross_check and len(settings.source) == 1:
        raise SettingInvalid("CROSS_CHECK", "true", "needs two sources, such as SOURCE=upstox,nse")
    if isinstance(store := token_store(settings), (FileTokens, GivenTokens)):
        _check_tokens(store.read())


def check_hosts(settings: Settings) -> None:
    """Raise SettingInvalid for a name in SOURCE_URLS that no source has."""
    if not settings.source_urls:
        return  # no other source need be loaded
    modules = source_modules(tuple(SOURCES)).values()
    allowed = [host for module in modules for host in module.terms(settings).hosts]
    for name in settings.source_urls:
        if name not in allowed:
            raise SettingInvalid("SOURCE_URLS", name, f"must be names out of {_listed(allowed)}")


def _check_tokens(tokens: Mapping[str, Mapping[str, str]]) -> None:
    for name, values in tokens.items():
        shown = name if _NAME.fullmatch(name) else HIDDEN
        if name not in SOURCES:
            allowed = f"must be by names out of {_listed(SOURCES)}"
            raise SettingInvalid("SOURCE_TOKENS", shown, allowed)
        if not holds_a_token(values):
            allowed = f'has no token: give {{"{name}": {{"access_token": "..."}}}}, or leave it out'
            raise SettingInvalid("SOURCE_TOKENS", shown, allowed)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
