"""What an operator should know about days that the archive lacks. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from chain_api.json_types import Answer
from optionchain.mongo.retention_wait import expires_at
from optionchain.mongo.unsealed_days import UnsealedDay

# A day that is lost within this time makes the service unhealthy: a person has to act.
_EXPIRES_SOON = timedelta(days=2)
# So long a lost day is named.
_LOST_FOR = timedelta(days=30)
# So many days are named.
_NAMED = 5


class ArchiveState(NamedTuple):
    """What is sealed, what is not, and how much longer the database keeps what is not.

    Days are those of a symbol: two symbols have two days on one date.
    """

    kind: Literal["folder", "s3"]
    sealed_days: int
    newest_sealed_day: date | None
    retention_days: int
    extra_days: int
    unsealed: tuple[UnsealedDay, ...]
    lost: tuple[UnsealedDay, ...]
    cut: tuple[UnsealedDay, ...] = ()

    def answer(self) -> Answer:
        """Return the member `archive` of an answer."""
        return {
            "kind": self.kind,
            "sealed_days": self.sealed_days,
            "newest_sealed_day": self.newest_sealed_day,
            "unsealed_days": len(self.unsealed),
            "oldest_unsealed_day": self.unsealed[0].day if self.unsealed else None,
            "retention_days": self.retention_days,
            "extra_days": self.extra_days,
            "lost_days": len(self.lost),
        }


def archive_notices(state: ArchiveState | None, now: datetime) -> list[Answer]:
    """Return what is not sealed yet, and what was lost or found cut in the last 30 days."""
    if state is None:
        return []
    found = []
    if state.unsealed:
        kept = f"the database keeps them {state.extra_days} days longer than its retention"
        found.append(
            _days("unsealed_days", state.unsealed, f"are not sealed in the archive; {kept}")
        )
    if lost := _recent(state.lost, state, now):
        found.append(_days("days_lost", lost, "were deleted before they were sealed"))
    if cut := _recent(state.cut, state, now):
        text = "were deleted in part before the archive was there, so they are not sealed"
        found.append(_days("days_cut", cut, text))
    return found


def _recent(days: Sequence[UnsealedDay], state: ArchiveState, now: datetime) -> list[UnsealedDay]:
    return [each for each in days if now - expires_at(each, state.retention_days) < _LOST_FOR]


def expiring_reasons(state: ArchiveState | None, now: datetime) -> list[Answer]:
    """Return the reason of days that will be lost within two days if nobody seals them."""
    if state is None:
        return []
    days = state.retention_days
    soon = [each for each in state.unsealed if expires_at(each, days) - now < _EXPIRES_SOON]
    if not soon:
        return []
    until = min(expires_at(each, days) for each in soon)
    text = "are deleted within two days, and are not sealed in the archive; `make archive` does it"
    return [_days("unsealed_days_expire", soon, text) | {"until": until}]


def _days(code: str, days: Sequence[UnsealedDay], text: str) -> Answer:
    named = ", ".join(f"{each.symbol} {each.day}" for each in days[:_NAMED])
    more = f" and {len(days) - _NAMED} more" if len(days) > _NAMED else ""
    return {"code": code, "detail": f"{named}{more} {text}", "days": len(days)}
