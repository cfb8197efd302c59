"""Which sources a run asks: the vendors themselves, or what stands in for them on this machine."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from chain_fetch.sources import source_modules
from chain_fetch.tokens.token_store import token_store
from local.run.vendors import FILE_SERVER, VENDORS
from local.token_file import TOKEN_FILE
from optionchain.errors import SettingInvalid
from optionchain.setting_values import names_of
from optionchain.settings import SecretStr, Settings

NSE = "nse"
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_TOKENS = "SOURCE_TOKENS"
_LIVE_NSE = f"NSE_BASE_URL={Settings.nse_base_url}"


@dataclass(frozen=True)
class RunSources:
    """The sources of a run, in order of preference.

    They are all `live`, or all simulated: then the run starts the vendors in `started`. `chosen`
    are settings that follow from the sources, for a run that gives none. `urls` are the addresses
    that are given.
    """

    names: tuple[str, ...]
    live: bool
    started: tuple[str, ...]
    chosen: dict[str, str]
    urls: Mapping[str, str]

    def environment(self, urls: Mapping[str, str], now: datetime) -> dict[str, str]:
        """Return the variables of a simulated run, whose stand-ins are at these addresses by name.

        Every host has an address of this machine, also one that is not asked. Tokens hold from
        `now` on.
        """
        hosts = {host: name for name, vendor in VENDORS.items() for host in vendor.hosts}
        hosts[FILE_SERVER] = NSE
        addresses = {host: urls.get(name, urls[NSE]) for host, name in hosts.items()}
        addresses |= self.urls
        tokens = {name: VENDORS[name].token(now) for name in self.names if name in VENDORS}
        return {
            "SOURCE_URLS": ",".join(f"{host}={url}" for host, url in addresses.items()),
            _TOKENS: json.dumps(tokens) if tokens else "",
        }


def read_sources(given: Mapping[str, str], data_dir: Path) -> RunSources:
    """Return the sources that the variables ask for; raise SettingInvalid.

    A vendor whose token is given is asked itself. All others are simulated.
    """
    names, urls = _names(given), Settings.from_env(given).source_urls
    live = {name: _is_live(name, given, urls, data_dir) for name in names}
    if len(set(live.values())) > 1:
        told = ", ".join(f"{name} is {'live' if live[name] else 'simulated'}" for name in names)
        allowed = f"cannot be mixed: {told}; a vendor is live with a token, nse with {_LIVE_NSE}"
        raise SettingInvalid("SOURCE", given["SOURCE"], allowed)
    is_live, vendors = live[names[0]], [name for name in names if name in VENDORS]
    if is_live and vendors:
        _refuse_other_times(given)
    if vendors and "REPLAY" in given:
        raise SettingInvalid("SOURCE", given["SOURCE"], "cannot be combined with REPLAY")
    chosen = {"MARKET_HOURS": "exchange"} if is_live else {}
    started = () if is_live else tuple(name for name in vendors if name not in urls)
    return RunSources(names, is_live, started, chosen, urls)


def tokens_of(given: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    """Return SOURCE_TOKENS of a live run: what is given, else the file of `make token`.

    A token that the recorder renews is written into that file.
    """
    if _TOKENS in given or not _token_text(given, data_dir):
        return {}
    return {_TOKENS: str((data_dir / TOKEN_FILE).resolve())}


def _names(given: Mapping[str, str]) -> tuple[str, ...]:
    text = given.get("SOURCE", NSE)
    try:
        names = names_of(text)
    except ValueError:
        names = (text,)
    source_modules(names)
    return names


def _is_live(name: str, given: Mapping[str, str], urls: Mapping[str, str], data_dir: Path) -> bool:
    if name == NSE:
        return "NSE_BASE_URL" in given and not _is_on_this_machine(given["NSE_BASE_URL"])
    if name in urls and _is_on_this_machine(urls[name]):
        return False
    return "SOURCE_SECRET_ARN" in given or name in _vendors_with_token(given, data_dir)


def _vendors_with_token(given: Mapping[str, str], data_dir: Path) -> Iterable[str]:
    text = _token_text(given, data_dir)
    return token_store(Settings(source_tokens=SecretStr(text))).read() if text else ()


def _token_text(given: Mapping[str, str], data_dir: Path) -> str:
    if _TOKENS in given:
        return given[_TOKENS]
    try:
        return (data_dir / TOKEN_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        reason = f"{TOKEN_FILE} cannot be read: {error.strerror}"
        raise SettingInvalid(_TOKENS, str(data_dir), reason) from error


def _refuse_other_times(given: Mapping[str, str]) -> None:
    for name in ("AT", "DAY"):
        if name in given:
            raise SettingInvalid(name, given[name], "is for a simulated market, not for a live one")


def _is_on_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in _THIS_MACHINE
