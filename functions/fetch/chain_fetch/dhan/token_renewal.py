"""The present token of Dhan, which one of all recorders renews in time.

A new token kills the one before at once. So one recorder at a time asks for one, and the others
look up what it has kept.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chain_fetch.dhan.one_time_code import one_time_code, seconds_left
from chain_fetch.dhan.renewal_turns import PAUSE, RenewalTurns, Values
from chain_fetch.dhan.token import Token, can_log_in, holds, is_due, token_of, way_to_another
from chain_fetch.dhan.token_exchange import LoginRefused, NotRenewable
from chain_fetch.refused import Refused
from chain_fetch.source import Credentials

# How long a one-time code must hold when it is sent: the longest time of a request.
_CODE_SECONDS = 2.5
# By so much this clock may be ahead of Dhan's.
_SKEW_SECONDS = 1.0


class Exchange(Protocol):
    """How Dhan is asked for a token: TokenExchange, or a fake in tests; raises Refused."""

    def renew(self, token: Token, deadline: float) -> str:
        """Return a token in exchange for one that holds."""

    def log_in(self, client_id: str, pin: str, code: str, deadline: float) -> str:
        """Return a new token."""


@dataclass
class TokenRenewal:
    """The token that requests are sent with; safe for several threads."""

    credentials: Credentials
    exchange: Exchange
    turns: RenewalTurns
    now: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tried_at: datetime | None = None

    def current(self, deadline: float) -> Token:
        """Return the present token, renewed if it is time; raise Refused if there is none.

        While the present token holds, a renewal that fails costs nothing.
        """
        values = self.credentials.current()
        if is_due(values, self.now()) and self._may_try(values):
            values = self._another(values, deadline, refused=False) or values
        if not holds(values, self.now()):
            self.turns.wait_for_others(deadline)
            values = self.credentials.current()
        if values.get("access_token") and not holds(values, self.now()):
            raise Refused("unauthorised", "the token of dhan has ended, and there is no other yet")
        return token_of(values)

    def instead_of(self, token: Token, deadline: float) -> Token | None:
        """Return another token than one that Dhan has refused, None if there is none.

        Raises LoginRefused if Dhan refuses to make one.
        """
        self.turns.wait_for_others(deadline)
        self.credentials.refused(token.access_token)
        try:
            values: Values | None = self.credentials.current()
            if values and values.get("access_token", "") == token.access_token:
                values = self._another(values, deadline, refused=True)
            return token_of(values) if values else None
        except LoginRefused:
            raise
        except Refused:
            return None

    def _may_try(self, values: Values) -> bool:
        """Tell whether to try: while the present token holds, not as often as requests come."""
        waits = self._tried_at and self.now() - self._tried_at < PAUSE
        return not (waits and holds(values, self.now()))

    def _another(self, values: Values, deadline: float, *, refused: bool) -> Values | None:
        """Return values with another token, None if there is none now.

        A new token kills the one before. So none is made where the others would not find it.
        """
        if not self.credentials.shared:
            return None
        with self._lock:
            present = self.credentials.current()
            if present.get("access_token") != values.get("access_token"):
                return present  # another thread has got it meanwhile
            self._tried_at = self.now()
            way = way_to_another(values, self._tried_at, refused=refused)
            before = self.turns.was_refused(values) if way == "log_in" else False
            if before:
                self.credentials.login_refused()
            if before and (refused or not holds(values, self._tried_at)):
                detail = "Dhan refused this login before; it waits for another secret of dhan"
                raise LoginRefused("unauthorised", detail)
            if before is not False:
                return None
            if way == "log_in" and not self._has_time_for_a_code(deadline):
                return None
            if way is None or not self.turns.take():
                return None
            return self._renewed(values, deadline, by_login=way == "log_in", refused=refused)

    def _renewed(
        self, values: Values, deadline: float, *, by_login: bool, refused: bool
    ) -> Values | None:
        try:
            token = (self._log_in if by_login else self._renew)(values, deadline)
        except Refused as refusal:
            login = values if isinstance(refusal, LoginRefused) else None
            if login:
                self.credentials.login_refused()
            self.turns.finish(refusal.detail, login)
            if not refused and holds(values, self.now()):
                return None
            raise
        self.credentials.renewed({"access_token": token})
        self.turns.finish()  # from now on others find the token
        return {**values, "access_token": token}

    def _renew(self, values: Values, deadline: float) -> str:
        try:
            return self.exchange.renew(token_of(values), deadline)
        except NotRenewable:
            if not can_log_in(values) or not self._has_time_for_a_code(deadline):
                raise
            return self._log_in(values, deadline)

    def _has_time_for_a_code(self, deadline: float) -> bool:
        """Wait for the next code if this one may end on its way; return whether there is time.

        A code that comes too late is refused like a wrong one, and after that nobody tries again.
        """
        left = seconds_left(self.now())
        if left >= _CODE_SECONDS:
            return True
        if self.turns.monotonic() + left + _CODE_SECONDS > deadline:
            return False
        self.turns.sleep(left + _SKEW_SECONDS)
        return True

    def _log_in(self, values: Values, deadline: float) -> str:
        client_id = values.get("client_id") or token_of(values).client_id
        try:
            code = one_time_code(values["totp_secret"], self.now())
        except ValueError:
            self.credentials.login_refused()
            # Without the first error: its text may show the secret.
            raise Refused("unauthorised", "the totp_secret of dhan is no base32 text") from None
        return self.exchange.log_in(client_id, values["pin"], code, deadline)
