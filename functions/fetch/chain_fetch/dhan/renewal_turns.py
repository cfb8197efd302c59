"""Which recorder may ask Dhan for a token now: one at a time, after a claim in the database."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from optionchain.errors import StoreUnavailable
from optionchain.mongo.renewal_register import RenewalRegister

# Dhan makes one token every two minutes.
PAUSE = timedelta(seconds=125)
# A renewal that takes longer has crashed.
_LONGEST = timedelta(seconds=15)
_POLL_SECONDS = 0.2

type Values = Mapping[str, str]


@dataclass(frozen=True)
class RenewalTurns:
    """The claims of all recorders. While the database is away nobody has a turn."""

    register: RenewalRegister
    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic

    def take(self) -> bool:
        """Claim the next renewal; return whether it is this recorder's."""
        with suppress(StoreUnavailable):
            return self.register.claim(self.now(), PAUSE)
        return False

    def finish(self, detail: str | None = None, refused_login: Values | None = None) -> None:
        """Say what came of the renewal, and which values Dhan refused as a login."""
        mark = _mark(refused_login) if refused_login else None
        with suppress(StoreUnavailable):  # then others wait some seconds in vain
            self.register.finish(self.now(), detail, mark)

    def was_refused(self, values: Values) -> bool | None:
        """Return whether Dhan has refused these very values as a login, None if nobody knows.

        Repeating a wrong PIN or TOTP may lock the account, so values are tried again only after
        they have changed, and nothing is tried while the database is away.
        """
        try:
            last = self.register.read()
        except StoreUnavailable:
            return None
        return last is not None and last.refused_login == _mark(values)

    def wait_for_others(self, deadline: float) -> None:
        """Wait while another recorder renews: its token is found as soon as it has kept it."""
        with suppress(StoreUnavailable):
            while (last := self.register.read()) and last.finished_at is None:
                runs = timedelta() <= self.now() - last.claimed_at < _LONGEST
                if not runs or self.monotonic() + _POLL_SECONDS > deadline:
                    return
                self.sleep(_POLL_SECONDS)


def _mark(values: Values) -> str:
    """Return what tells these values from others; nobody can guess the secret of a TOTP from it."""
    text = "\n".join(f"{name}={values[name]}" for name in sorted(values))
    return blake2b(text.encode(), digest_size=16).hexdigest()
