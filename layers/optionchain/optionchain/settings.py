"""Every setting that the environment may give, validated once, at the edge.

A dataclass, not a model of pydantic: to load pydantic and build the model was 40 % of the
recorder's cold start, and a recorder outside of a market session needs nothing else of it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from optionchain.errors import SettingInvalid
from optionchain.market import SpecialSessions
from optionchain.setting_values import (
    MAX_SYMBOL_LENGTH,
    ORIGIN_PATTERN,
    SECONDS_PER_MINUTE,
    SPECIAL_HOURS,
    SYMBOL_PATTERN,
    archive_of,
    divisor_of_a_minute,
    matching,
    names_of,
    number,
    one_of,
    origins_of,
    special_sessions_of,
    symbols_of,
    urls_of,
    whole_number,
    yes_or_no,
)
from optionchain.symbol_selection import Tier, selection_of, tiers_of

# As many as there are groups.
MOST_ADDRESSES = 20

__all__ = [
    "MAX_SYMBOL_LENGTH",
    "MOST_ADDRESSES",
    "SECONDS_PER_MINUTE",
    "SYMBOL_PATTERN",
    "SecretStr",
    "Settings",
    "symbols_of",
]


class SecretStr:
    """Text that is hidden wherever it is shown; `get_secret_value` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "SecretStr('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True)
class Settings:
    """The settings of all functions; field `x_y` is environment variable `X_Y`.

    `from_env` checks the values; who gives them to the constructor answers for them.
    """

    mongodb_uri: SecretStr | None = None
    mongodb_secret_arn: str | None = None
    mongodb_database: str = "option_chain"
    nse_symbols: tuple[str, ...] = ("NIFTY", "BANKNIFTY")
    nse_tiers: tuple[Tier, ...] = ()
    nse_fetch_interval: int = 5
    nse_expiries: int = 2
    nse_base_url: str = "https://www.nseindia.com"
    nse_max_requests_per_second: int = 3
    nse_addresses: int = 1
    source: tuple[str, ...] = ("nse",)
    source_urls: Mapping[str, str] = field(default_factory=dict)
    source_tokens: SecretStr | None = None
    source_secret_arn: str | None = None
    cross_check: bool = False
    upstox_quotes: bool = False
    market_hours: Literal["exchange", "always"] = "exchange"
    market_special_sessions: SpecialSessions = field(default_factory=dict)
    retention_days: int = 30
    archive_url: str | None = None
    risk_free_rate: float = 5.5
    cors_origins: tuple[str, ...] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the environment (or `env`); an empty variable counts as not set.

        Raises SettingInvalid for the first setting that is out of bounds.
        """
        source = os.environ if env is None else env
        values = {}
        for name, (read, allowed) in _READERS.items():
            if not (text := source.get(name, "").strip()):
                continue
            try:
                values[name.lower()] = read(text)
            except ValueError:
                # Without the first error: its text may show a password that was put here.
                raise SettingInvalid(name, text, f"must be {allowed}") from None
        settings = cls(**values)
        if any(tier.interval % settings.nse_fetch_interval for tier in settings.nse_tiers):
            allowed = (
                f"each tier takes a multiple of NSE_FETCH_INTERVAL={settings.nse_fetch_interval}"
            )
            raise SettingInvalid("NSE_TIERS", source["NSE_TIERS"], allowed)
        return settings


# How the text of each variable is read, and what an error says is allowed.
_READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "MONGODB_URI": (SecretStr, "a mongodb:// URI"),
    "MONGODB_SECRET_ARN": (str, "the ARN of a Secrets Manager secret that holds the URI"),
    "MONGODB_DATABASE": (
        matching(r"[A-Za-z0-9_-]{1,38}"),
        "a database name: 1 to 38 letters, digits, _ and -",
    ),
    "NSE_SYMBOLS": (
        selection_of,
        "symbols separated by commas, or ALL, INDICES, STOCKS; -SYMBOL leaves one out",
    ),
    "NSE_TIERS": (
        tiers_of,
        "tiers like INDICES=5,LIQUID50=15,STOCKS=60, of seconds that divide 60",
    ),
    "NSE_FETCH_INTERVAL": (divisor_of_a_minute, "whole seconds from 1 to 60 that divide 60"),
    "NSE_EXPIRIES": (whole_number(1, 50), "a whole number from 1 to 50, of expiries a tick"),
    # It is shown and stored as it is, so it must not hold a password.
    "NSE_BASE_URL": (
        matching(ORIGIN_PATTERN),
        "http(s)://host, without a path, and without a user and a password",
    ),
    "NSE_MAX_REQUESTS_PER_SECOND": (whole_number(1, 20), "a whole number from 1 to 20"),
    "NSE_ADDRESSES": (
        whole_number(1, MOST_ADDRESSES),
        f"a whole number from 1 to {MOST_ADDRESSES}, of addresses from which groups ask",
    ),
    "SOURCE": (names_of, "names of sources separated by commas, such as upstox,nse"),
    "SOURCE_URLS": (
        urls_of,
        "name=http(s)://host pairs separated by commas, each without a path, user and password",
    ),
    "SOURCE_TOKENS": (
        SecretStr,
        'a JSON object by source, {"upstox": {"access_token": "..."}}, or the path of its file',
    ),
    "SOURCE_SECRET_ARN": (str, "the ARN of a Secrets Manager secret that holds the tokens"),
    "CROSS_CHECK": (yes_or_no, "true or false"),
    "UPSTOX_QUOTES": (yes_or_no, "true or false"),
    "MARKET_HOURS": (one_of("exchange", "always"), "exchange or always"),
    "MARKET_SPECIAL_SESSIONS": (
        special_sessions_of,
        f"sessions like 2026-11-08 18:00-19:00 within {SPECIAL_HOURS} (IST), of one date apart",
    ),
    "RETENTION_DAYS": (whole_number(1, 3650), "a whole number of days from 1 to 3650"),
    "ARCHIVE_URL": (
        archive_of,
        "the path of a folder, or s3://bucket, with a prefix if wanted: s3://bucket/prefix",
    ),
    "RISK_FREE_RATE": (number(0, 25), "percent a year from 0 to 25, such as 5.5"),
    "CORS_ORIGINS": (
        origins_of,
        "* or origins like https://example.com, separated by commas",
    ),
    "LOG_LEVEL": (one_of("DEBUG", "INFO", "WARNING", "ERROR"), "DEBUG, INFO, WARNING or ERROR"),
}
