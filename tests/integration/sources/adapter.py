"""What the contract suite needs to know of a source: how its vendor answers, and misbehaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from optionchain.contract_terms import ContractTerms
from tests.support.bodies import EXPIRY
from tests.support.nse_client import Sent
from tests.support.vendor_server import Answering, Asked

SYMBOL = "NIFTY"
PASSED, NEAR, FAR = date(2026, 6, 16), EXPIRY, date(2026, 6, 30)
LISTED = (FAR, PASSED, NEAR)
STRIKES = (24_000.0, 24_050.0)
TOKEN = "eyJ0eXAi.c2VjcmV0.s3cr3t-0ne"
NEW_TOKEN = "eyJ0eXAi.bmV3.s3cr3t-tw0"
HOLIDAYS = frozenset({date(2026, 1, 26), date(2026, 10, 2)})


@dataclass(frozen=True)
class Fault:
    """An answer to a request for a chain, and the reason that it becomes.

    With `waits` the refusal names so many seconds.
    """

    answer: Sent | Callable[[Asked], Sent]
    reason: str
    waits: float | None = None

    def sent(self, asked: Asked) -> Sent:
        """Return the answer."""
        return self.answer(asked) if callable(self.answer) else self.answer


@dataclass(frozen=True)
class Adapter:
    """A source, and the vendor that answers it on this machine.

    `settings` makes the settings of the vendor's address. `answer` is what a vendor without a fault
    answers to anything; `is_chain` tells its requests for chains, and `unsent` the fields of a
    quote that it never sends. `lots` are known before the first request; a vendor that lists its
    lots needs none. `faults` are the vendor's own ways to refuse a chain. After a limit the
    recorder waits `limit_waits` at least. A source that needs a `token` has the request to a token
    in `dead_token` and `other_use`: what the vendor answers to one that has ended, and to one that
    is for something else.
    """

    name: str
    settings: Callable[[str], Mapping[str, Any]]
    answer: Answering
    is_chain: Callable[[Asked], bool]
    faults: Mapping[str, Fault]
    unsent: frozenset[str] = frozenset()
    counts_shares: bool = True
    lots: Mapping[tuple[str, date], ContractTerms] = field(default_factory=dict)
    limit_waits: float | None = None
    token: Mapping[str, str] = field(default_factory=dict)
    other_token: Mapping[str, str] = field(default_factory=dict)
    sends_token: Callable[[Asked, str], bool] = lambda asked, token: True  # noqa: ARG005
    dead_token: Sent = b""
    other_use: Sent = b""

    def __str__(self) -> str:
        return self.name
