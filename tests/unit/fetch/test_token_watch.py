"""Once an invocation: which tokens need a person, and whether a wait has lost its cause."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.source_choice.token_watch import TokenWatch, WatchedToken
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason
from optionchain.mongo.token_register import TokenState
from tests.support.fakes import FakeStateStore, SimulatedClock
from tests.support.snapshots import TICK

HOUR = timedelta(hours=1)
GOOD = TokenState(TICK, TICK + 9 * HOUR, TICK + HOUR)


@dataclass
class Checked:
    """A token in a state."""

    state: TokenState
    replaced: bool = False

    def check(self) -> tuple[TokenState, bool]:
        return self.state, self.replaced


def waiting(reason: Reason) -> SourceState:
    return SourceState(reason=reason, since=TICK, until=TICK + HOUR, failures=3)


def look(token: Checked, telemetry: Telemetry, store: FakeStateStore) -> None:
    clock = SimulatedClock(TICK)
    watched = WatchedToken("upstox", token, SourceBackoff(store, clock.now))
    TokenWatch([watched], telemetry, clock.now)()


@pytest.mark.parametrize(
    ("state", "status", "needed"),
    [
        (GOOD, None, 0),
        (TokenState(), None, 0),
        (TokenState(TICK, TICK + 9 * HOUR, TICK), "ends_soon", 1),
        (TokenState(TICK - HOUR, TICK, TICK), "ended", 1),
        (TokenState(TICK - HOUR, TICK, TICK, renewable=True), None, 0),
        (TokenState(TICK, TICK + HOUR, TICK, refused_at=TICK, renewable=True), "refused", 1),
        (TokenState(missing=True, detail="no token"), "missing", 1),
        (TokenState(TICK, TICK + 9 * HOUR, detail="not stored"), "valid", 0),
    ],
)
def test_token_that_needs_a_person_is_counted_and_logged(
    state: TokenState,
    status: str | None,
    needed: int,
    telemetry: Telemetry,
    capsys: pytest.CaptureFixture[str],
) -> None:
    look(Checked(state), telemetry, FakeStateStore())
    lines: list[Any] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["TokenEnding"] for line in lines if "_aws" in line] == [[needed]]
    logged = [(line["message"], line["status"]) for line in lines if "_aws" not in line]
    assert logged == ([("token", status)] if status else [])


@pytest.mark.parametrize(
    ("replaced", "reason", "ends"),
    [(True, "unauthorised", True), (True, "blocked", False), (False, "unauthorised", False)],
)
def test_new_token_ends_the_wait_for_the_old_one_and_no_other(
    replaced: bool, reason: Reason, ends: bool, telemetry: Telemetry
) -> None:
    store = FakeStateStore(waiting(reason))
    look(Checked(GOOD, replaced), telemetry, store)
    assert store.state == (SourceState() if ends else waiting(reason))
