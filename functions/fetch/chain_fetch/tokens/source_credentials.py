"""The present token of one source, looked up again when it is refused, and now and then.

So a token that a person renews is used without a restart. No error and no log shows a token.
"""

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import NamedTuple

from chain_fetch.refused import Refused
from chain_fetch.tokens.token_record import TokenRecord
from chain_fetch.tokens.token_store import MAKES_TOKENS, TokenStore, holds_a_token
from optionchain.errors import SettingInvalid
from optionchain.exchange_time import ist_text
from optionchain.mongo.token_register import TokenState

# How often a token is looked up, in seconds: a good one, and one that is refused, over or missing.
# At the start of an invocation no tick waits for it, so a good one is looked up sooner there.
_USUAL_SECONDS = 300
_UNHURRIED_SECONDS = 200
_URGENT_SECONDS = 30
_TOKEN = "access_token"  # noqa: S105  (the name of a value)


class TokenCheck(NamedTuple):
    """The state of a token, and whether there is another token than at the check before."""

    state: TokenState
    replaced: bool


class SourceCredentials:
    """The credentials of the source of a record, for several threads."""

    def __init__(
        self,
        record: TokenRecord,
        store: TokenStore,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._record = record
        self._store = store
        self._monotonic = monotonic
        self._values: Mapping[str, str] = {}
        # What the source gave for a token that the store still has, and that token.
        self._unwritten: Mapping[str, str] = {}
        self._exchanged = ""
        self._replaced = False
        self._looked_up = float("-inf")
        self._lock = Lock()

    @property
    def shared(self) -> bool:
        """Tell whether all recorders find a token that one of them renews."""
        return self._store.shared

    def current(self) -> Mapping[str, str]:
        """Return the present values; raise Refused if there is no token that can be used."""
        with self._lock:
            self._look_up_if_due()
            state = self._record.state
            if state.missing:
                raise Refused("unauthorised", state.detail or "there is no token")
            if state.ends_at and self._record.has_ended() and not state.renewable:
                ended = ist_text(state.ends_at)
                detail = f"the token of {self._record.source} ended at {ended}"
                raise Refused("unauthorised", detail)
            return self._values

    def refused(self, token: str) -> None:
        """Take note that the source has refused a token; look whether there is another one."""
        with self._lock:
            if token == self._values.get(_TOKEN, ""):
                self._record.refuse()
                self._look_up_if_due()
                self._record.store()

    def login_refused(self) -> None:
        """Take note that the source makes no token of the present values."""
        with self._lock:
            self._record.refuse_login(refused=True)
            self._record.store()

    def renewed(self, values: Mapping[str, str]) -> None:
        """Keep what the source gave in exchange for the present token."""
        with self._lock:
            self._exchanged = self._exchanged or self._values.get(_TOKEN, "")
            self._unwritten = {**self._unwritten, **values}
            self._adopt({**self._values, **values})
            self._write_back()
            self._record.store()

    def check(self) -> TokenCheck:
        """Look the token up if that is due, and return its state; no tick waits for it."""
        with self._lock:
            self._look_up_if_due(_UNHURRIED_SECONDS)
            replaced, self._replaced = self._replaced, False
            return TokenCheck(self._record.state, replaced)

    def _look_up_if_due(self, usual: float = _USUAL_SECONDS) -> None:
        seconds = _URGENT_SECONDS if self._record.is_doubtful() else usual
        if self._monotonic() - self._looked_up >= seconds:
            self._looked_up = self._monotonic()
            self._look_up()
            self._record.store()

    def _look_up(self) -> None:
        source = self._record.source
        try:
            found = self._store.read().get(source, {})
        except SettingInvalid as error:
            if not self._values:  # else the values at hand stay in use
                self._record.lack(str(error))
            return
        if self._unwritten and found.get(_TOKEN) == self._exchanged:
            self._write_back()
        elif holds_a_token(found):
            self._adopt(found)
        else:
            self._values = {}
            where = "neither SOURCE_TOKENS nor the secret of SOURCE_SECRET_ARN"
            self._record.lack(f"{where} has a token of {source}")

    def _adopt(self, values: Mapping[str, str]) -> None:
        before, self._values = self._values, dict(values)
        token = values.get(_TOKEN, "")
        if before and token == before.get(_TOKEN, ""):
            if values != before and self._record.state.login_refused:
                self._record.refuse_login(refused=False)
                self._replaced = True
            self._record.forgive()
            return
        renewable = self.shared and bool(values.get(MAKES_TOKENS))
        self._replaced |= self._record.begin(token, renewable=renewable, first=not before)

    def _write_back(self) -> None:
        """Write a renewed token to where it came from; if that fails, a look-up tries again."""
        try:
            held = self._store.write(self._record.source, self._unwritten, self._exchanged)
        except SettingInvalid as error:
            self._record.explain(f"the renewed token is not stored: {error}")
            return
        self._unwritten, self._exchanged = {}, ""
        self._record.explain(None)
        self._adopt(held)
