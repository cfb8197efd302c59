"""When another source is asked for what a source did not bring. Pure."""

from collections.abc import Mapping, Sequence

from chain_fetch.recording.bodies.request_result import RequestResult

# Faults of this recorder: another source would not mend them, and after `database` a part of a
# snapshot may be stored. That the request budget of a source is used up is none: another has its
# own.
_OWN_FAULTS = ("database", "relieved")
# Faults that a source may have with one symbol alone: it lacks the symbol, or sends nothing good.
_FAULTS_OF_A_SYMBOL = ("empty", "invalid_payload", "unknown_symbol", "truncated", "stale")


def symbol_fault(results: Sequence[RequestResult]) -> RequestResult | None:
    """Return the failure of a symbol of which its source brought nothing, None if it did.

    Then nothing of the symbol is stored for this tick, and nothing can be stored any more: another
    source may be asked for the same tick without mixing its numbers with those of the first one.
    """
    if any(result.unfinished or not _brought_nothing(result) for result in results):
        return None
    required = [result for result in results if result.request.required]
    return required[0] if required else None


def tick_fault(results: Mapping[str, Sequence[RequestResult]]) -> RequestResult | None:
    """Return the first failure of a tick of which a source brought nothing, None if it did.

    A request that has not ended speaks against the source as well, although nobody can take over
    for this tick.
    """
    asked = [result for symbol in results.values() for result in symbol]
    if not all(map(_brought_nothing, asked)):
        return None
    return next((result for result in asked if result.request.required), None)


def is_of_one_symbol(results: Mapping[str, Sequence[RequestResult]], recorded: int) -> bool:
    """Tell whether what a tick brought may say something of its one symbol of several alone.

    The symbols of a tier are spread over its ticks, so one without data may have a tick for itself.
    """
    asked = [result for symbol in results.values() for result in symbol]
    of_symbol = all(result.reason in _FAULTS_OF_A_SYMBOL for result in asked)
    return len(results) == 1 < recorded and of_symbol


def _brought_nothing(result: RequestResult) -> bool:
    return result.outcome in ("failed", "skipped") and result.reason not in _OWN_FAULTS
