"""Every setting the environment may give, validated once, at the edge."""

import os
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from optionchain.errors import SettingInvalid

SECONDS_PER_MINUTE = 60
MAX_SYMBOL_LENGTH = 20
_SPECIAL_SESSION = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})-(\d{2}:\d{2})", re.ASCII)
_ORIGIN = re.compile(r"(https://[a-z0-9][a-z0-9.-]*|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?")
SYMBOL_PATTERN = re.compile(rf"[A-Z0-9&-]{{1,{MAX_SYMBOL_LENGTH}}}", re.ASCII)


def symbols_of(value: object) -> tuple[str, ...]:
    """Read `nifty, M&M` or a list into upper-case symbols without repeats; raise ValueError."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise ValueError("symbols are text")
    symbols = dict.fromkeys(part.strip().upper() for part in parts)
    if not symbols or not all(SYMBOL_PATTERN.fullmatch(symbol) for symbol in symbols):
        raise ValueError("symbols are letters, digits, & and -")
    return tuple(symbols)


def origins_of(value: object) -> tuple[str, ...]:
    """Read `*` or `https://a.example, http://localhost:3000` into origins; raise ValueError."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise ValueError("origins are text")
    origins = tuple(dict.fromkeys(part.strip().lower() for part in parts))
    if origins != ("*",) and not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("an origin is a scheme and a host")
    return origins


def special_sessions_of(value: object) -> dict[date, tuple[time, time]]:
    """Read `2026-11-08 18:00-19:00, …` (IST) into opening and close by date; raise ValueError."""
    if not isinstance(value, str):
        raise ValueError("special sessions are text")
    return dict(_special_session(part.strip()) for part in value.split(","))


def _special_session(text: str) -> tuple[date, tuple[time, time]]:
    match = _SPECIAL_SESSION.fullmatch(text)
    if match is None:
        raise ValueError("not like 2026-11-08 18:00-19:00")
    day, opens, closes = match.groups()
    hours = time.fromisoformat(opens), time.fromisoformat(closes)
    if hours[0] >= hours[1]:
        raise ValueError("a session opens before it closes")
    return date.fromisoformat(day), hours


def _divides_a_minute(seconds: int) -> int:
    if SECONDS_PER_MINUTE % seconds:
        raise ValueError("not a divisor of 60")
    return seconds


class Settings(BaseModel):
    """The settings of both functions; field `x_y` is environment variable `X_Y`.

    The description of each field is what an error says is allowed.
    """

    model_config = ConfigDict(
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
        alias_generator=AliasGenerator(validation_alias=str.upper),
    )

    mongodb_uri: SecretStr | None = Field(default=None, description="a mongodb:// URI")
    mongodb_secret_arn: str | None = Field(
        default=None, description="the ARN of a Secrets Manager secret that holds the URI"
    )
    mongodb_database: str = Field(
        default="option_chain",
        pattern=r"^[A-Za-z0-9_-]{1,38}$",
        description="a database name: 1 to 38 letters, digits, _ and -",
    )
    nse_symbols: Annotated[tuple[str, ...], BeforeValidator(symbols_of)] = Field(
        default=("NIFTY", "BANKNIFTY"),
        description="symbols separated by commas, each of letters, digits, & and -",
    )
    nse_fetch_interval: Annotated[int, AfterValidator(_divides_a_minute)] = Field(
        default=5, ge=1, le=60, description="whole seconds from 1 to 60 that divide 60"
    )
    nse_expiries: int = Field(
        default=2, ge=1, le=50, description="a whole number from 1 to 50, of expiries a tick"
    )
    nse_base_url: str = Field(
        default="https://www.nseindia.com",
        pattern=r"^https?://[^/?#\s]+$",
        description="http(s)://host, without a path",
    )
    nse_max_requests_per_second: int = Field(
        default=3, ge=1, le=20, description="a whole number from 1 to 20"
    )
    market_hours: Literal["exchange", "always"] = Field(
        default="exchange", description="exchange or always"
    )
    market_special_sessions: Annotated[
        Mapping[date, tuple[time, time]], BeforeValidator(special_sessions_of)
    ] = Field(
        default_factory=dict,
        description="sessions like 2026-11-08 18:00-19:00 (IST), separated by commas",
    )
    retention_days: int = Field(
        default=30, ge=1, le=3650, description="a whole number of days from 1 to 3650"
    )
    risk_free_rate: float = Field(
        default=5.5,
        ge=0,
        le=25,
        allow_inf_nan=False,
        description="percent a year from 0 to 25, such as 5.5",
    )
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(origins_of)] = Field(
        default=(), description="* or origins like https://example.com, separated by commas"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="DEBUG, INFO, WARNING or ERROR"
    )

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the environment (or `env`); an empty variable counts as not set.

        Raises SettingInvalid for the first setting that is out of bounds.
        """
        source = os.environ if env is None else env
        names = {name.upper() for name in cls.model_fields}
        given = {name: text for name in names if (text := source.get(name, "").strip())}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            name = str(error.errors(include_input=False)[0]["loc"][0])
            allowed = cls.model_fields[name.lower()].description or ""
            # The value of a secret is never shown; MONGODB_URI takes any text, so never fails.
            raise SettingInvalid(name, given.get(name), f"must be {allowed}") from error
