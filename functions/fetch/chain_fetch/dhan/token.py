"""A token of Dhan, as requests are sent with it, and what it says of itself. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple

from chain_fetch.refused import Refused
from chain_fetch.token_claims import claims_of, dates_of
from optionchain.exchange_time import IST

type Way = Literal["renew", "log_in"]

# A renewal kills the token that others work with, and its answer may be lost. So it is done outside
# of the market's hours: in the evening a token must last through the next session. During the
# session it is renewed only if it would end soon, and before its end is worth a warning.
_VISIBLE = re.compile(r"[!-~]+")
_OPENS, _CLOSES = time(9), time(15, 40)
_EARLY, _LATE = timedelta(hours=20), timedelta(hours=3)


class Token(NamedTuple):
    """What a request is sent with."""

    client_id: str
    access_token: str


def token_of(values: Mapping[str, str]) -> Token:
    """Return the token of credentials; raise Refused if a part of it is missing."""
    access_token = values.get("access_token", "")
    named = claims_of(access_token).get("dhanClientId", "")
    client_id = values.get("client_id") or (named if isinstance(named, str) else "")
    if not access_token or not client_id:
        missing = "client_id" if access_token else "access_token"
        raise Refused("unauthorised", f"the token of dhan has no {missing}")
    if not all(_VISIBLE.fullmatch(text) for text in (access_token, client_id)):
        # requests would show them in its error.
        raise Refused("unauthorised", "the token of dhan cannot be sent as a header")
    return Token(client_id, access_token)


def is_due(values: Mapping[str, str], now: datetime) -> bool:
    """Tell whether it is time for another token."""
    if not (token := values.get("access_token")):
        return True
    in_session = _OPENS <= now.astimezone(IST).time() < _CLOSES
    ends_at = dates_of(token).ends_at
    return ends_at is not None and ends_at - now < (_LATE if in_session else _EARLY)


def holds(values: Mapping[str, str], now: datetime) -> bool:
    """Tell whether there is a token that does not say that it is over."""
    token = values.get("access_token")
    ends_at = dates_of(token).ends_at if token else None
    return bool(token) and (ends_at is None or ends_at > now)


def way_to_another(values: Mapping[str, str], now: datetime, *, refused: bool) -> Way | None:
    """Return how another token can be had, None if only a person can get one.

    Dhan renews the tokens that a person made on its website, as long as they hold.
    """
    made_by = claims_of(values.get("access_token", "")).get("tokenConsumerType")
    if made_by == "SELF" and holds(values, now) and not refused:
        return "renew"
    return "log_in" if can_log_in(values) else None


def can_log_in(values: Mapping[str, str]) -> bool:
    """Tell whether the user put a PIN and the secret of the TOTP into the credentials."""
    return bool(values.get("pin") and values.get("totp_secret"))
