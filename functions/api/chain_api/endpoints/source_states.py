"""How each source takes requests, until when its token holds, and what its budget carries."""

from datetime import datetime

from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.token_register import TokenState

# What is told of a state; the counts by reason decide the waits and say nothing more to a reader.
STATE_FIELDS = ("state", "reason", "detail", "since", "until", "failures")


def source_states(deps: Dependencies, now: datetime) -> list[Answer]:
    """Return the state of each source, as it is preferred; raise StoreUnavailable."""
    tokens, plans = deps.tokens.read(list(deps.source_registers)), deps.request_counts.plans(now)
    symbols = deps.symbols.plan().symbols
    last = deps.tick_summary.sources(symbols)
    return [
        {
            "name": name,
            **_state(register.read(), now),
            **_token(tokens.get(name), now),
            "symbols": [symbol for symbol in symbols if last.get(symbol) == name],
            "plan": plans.get(name),
        }
        for name, register in deps.source_registers.items()
    ]


def _state(source: SourceState, now: datetime) -> Answer:
    """Return whether a source answers our requests, refuses them, or is not asked for now."""
    left = source.is_left(now)
    state = "left" if left else "refusing" if source.reason else "ok"
    return {
        "state": "waiting" if source.waits(now) else state,
        **{name: getattr(source, name) for name in STATE_FIELDS[1:]},
        "left_until": source.left_until if left else None,
        "left_reason": source.left_reason if left else None,
    }


def _token(token: TokenState | None, now: datetime) -> Answer:
    if token is None:
        return {"token": None, "token_ends_at": None}
    return {"token": token.status(now), "token_ends_at": token.ends_at}
