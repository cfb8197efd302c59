"""What is known of the token of one source, shared by the database: its end, and its refusal."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chain_fetch.token_claims import dates_of
from optionchain.errors import StoreUnavailable
from optionchain.mongo.token_register import TokenRegister, TokenState

# A dead token is refused again within the longest wait after a refusal, which is 15 minutes.
_FORGIVEN_AFTER = timedelta(minutes=20)


@dataclass
class TokenRecord:
    """The state of the token of `source`, kept equal to the stored one while the database answers.

    `warns_before` is how long before its end a token is worth a warning.
    """

    source: str
    register: TokenRegister
    warns_before: timedelta
    now: Callable[[], datetime]
    state: TokenState = field(default_factory=TokenState)
    _stored: TokenState | None = None
    _last_refusal: datetime | None = None

    def begin(self, token: str, *, renewable: bool, first: bool) -> bool:
        """Take note of another token; return whether it is another one for all environments.

        The `first` one of this environment may be known to others; a refusal of it is kept.
        """
        issued, ends = dates_of(token)
        warns_at = ends and ends - self.warns_before
        self.state = TokenState(issued, ends, warns_at, renewable=renewable)
        self._last_refusal = None
        return not first or self._is_unknown()

    def lack(self, detail: str) -> None:
        """Take note that there is no token, and why."""
        self.state = TokenState(missing=True, detail=detail)

    def explain(self, detail: str | None) -> None:
        """Take note of what is wrong with the way in which a token is kept; None if nothing is."""
        self.state = replace(self.state, detail=detail)

    def refuse(self) -> None:
        """Take note that the source refuses the token."""
        self._last_refusal = self.now()
        self.state = replace(self.state, refused_at=self.state.refused_at or self.now())

    def refuse_login(self, *, refused: bool) -> None:
        """Take note whether the source refuses what the recorder makes tokens with."""
        self.state = replace(self.state, login_refused=refused)

    def forgive(self) -> None:
        """Forget a refusal that did not come again: the source takes the token."""
        if self._last_refusal and self.now() - self._last_refusal > _FORGIVEN_AFTER:
            self._last_refusal = None
            self.state = replace(self.state, refused_at=None)

    def has_ended(self) -> bool:
        """Tell whether the token says that it is over."""
        return self.state.ends_at is not None and self.state.ends_at <= self.now()

    def is_doubtful(self) -> bool:
        """Tell whether there may soon be another token: this one is missing, refused or over."""
        state = self.state
        return (
            state.missing or state.login_refused or state.refused_at is not None or self.has_ended()
        )

    def store(self) -> None:
        """Store what has changed; if the database is away, the next call tries again."""
        if self.state == self._stored:
            return
        with suppress(StoreUnavailable):
            self.register.write(self.source, self.state)
            self._stored = self.state

    def _is_unknown(self) -> bool:
        with suppress(StoreUnavailable):
            self._stored = self.register.read([self.source]).get(self.source)
        stored = self._stored
        if stored is None:
            return False
        if stored.login_refused and self.state.renewable:
            self.refuse_login(refused=True)
        mine = (self.state.issued_at, self.state.ends_at)
        if stored.missing or mine != (stored.issued_at, stored.ends_at):
            return True
        if any(mine) and stored.refused_at is not None:
            self.state = replace(self.state, refused_at=stored.refused_at)
            self._last_refusal = self.now()
        return False
