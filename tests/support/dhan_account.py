"""An account at Dhan, as far as its tokens go, and recorders that share its secret."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chain_fetch.dhan.one_time_code import one_time_code
from chain_fetch.dhan.renewal_turns import RenewalTurns
from chain_fetch.dhan.token import Token
from chain_fetch.dhan.token_exchange import LoginRefused, NotRenewable
from chain_fetch.dhan.token_renewal import TokenRenewal
from chain_fetch.refused import Refused
from chain_fetch.tokens.source_credentials import SourceCredentials
from chain_fetch.tokens.token_record import TokenRecord
from optionchain.mongo.renewal_register import RenewalRegister
from optionchain.mongo.token_register import TokenRegister
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import memory_database
from tests.support.tokens import FakeTokens, token

CLIENT, PIN, TOTP = "1100000001", "246810", "JBSWY3DPEHPK3PXP"
DAY = timedelta(days=1)


@dataclass
class Account:
    """Dhan's side: one token at a time is alive. `fails` is raised by the next call."""

    now: Callable[[], datetime]
    alive: str = ""
    calls: list[str] = field(default_factory=list)
    fails: Refused | None = None
    pin: str = PIN
    _made_at: datetime | None = None

    def make(self, kind: str, ends_in: timedelta = DAY) -> str:
        """Make another token, which kills the one before."""
        ends_at = self.now() + ends_in
        claims = {"tokenConsumerType": kind, "dhanClientId": CLIENT, "number": len(self.calls)}
        self.alive = token(ends_at - DAY, ends_at, **claims)
        return self.alive

    def renew(self, given: Token, deadline: float) -> str:  # noqa: ARG002
        self._note("renew")
        if given != (CLIENT, self.alive):
            raise Refused("unauthorised", "the token is dead")
        if given.access_token == self.made_by_login:
            raise NotRenewable("unauthorised", "the token is of another kind")
        return self.make("SELF")

    def log_in(self, client_id: str, pin: str, code: str, deadline: float) -> str:  # noqa: ARG002
        self._note("log_in")
        if (client_id, pin, code) != (CLIENT, self.pin, one_time_code(TOTP, self.now())):
            raise LoginRefused("unauthorised", "the login is refused")
        if self._made_at and self.now() - self._made_at < timedelta(minutes=2):
            raise Refused("unauthorised", "one token every 2 minutes")
        self._made_at = self.now()
        self.made_by_login = self.make("APP")
        return self.made_by_login

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if self.fails:
            fault, self.fails = self.fails, None
            raise fault

    made_by_login: str = ""


class Recorders:
    """Recorders with one secret and one database."""

    def __init__(self, start: datetime) -> None:
        self.clock = SimulatedClock(start)
        self.account = Account(self.clock.now)
        self.store = FakeTokens()
        self.database = ShakyDatabase(memory_database())
        self.register = RenewalRegister(self.database, "dhan")

    def give(self, access_token: str, **more: str) -> None:
        """Put these values into the secret."""
        values = {"client_id": CLIENT, "access_token": access_token, **more}
        self.store.tokens = {"dhan": values}

    def one(self) -> TokenRenewal:
        """Return the token of another recorder, which has looked the secret up."""
        clock = self.clock
        record = TokenRecord("dhan", TokenRegister(self.database), timedelta(hours=2), clock.now)
        credentials = SourceCredentials(record, self.store, clock.monotonic)
        turns = RenewalTurns(self.register, clock.now, clock.sleep, clock.monotonic)
        return TokenRenewal(credentials, self.account, turns, clock.now)

    def within(self, seconds: float = 5.0) -> float:
        """Return the deadline so many seconds from now."""
        return self.clock.monotonic() + seconds
