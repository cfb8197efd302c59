"""The newest headers of many symbols: by what is listed, or by what is recorded."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from chain_api.dependencies import Dependencies
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.header_reader import day_of

type Listed = Mapping[str, Sequence[date]]


def nearest_headers(
    deps: Dependencies, listed: Listed, columns: Sequence[str]
) -> dict[str, HeaderDocument]:
    """Return the newest header of each symbol's nearest listed expiry that has one.

    `listed` are the expiries of each symbol that have not passed, in order. If none of them has a
    header, or none is known, the recorded expiries decide. However many symbols there are, it takes
    a few queries; raises StoreUnavailable.
    """
    newest = deps.snapshots.newest_of_symbols
    found = _nearest(newest({symbol: days[:1] for symbol, days in listed.items()}, columns))
    further = {symbol: days[1:] for symbol, days in listed.items() if symbol not in found}
    found |= _nearest(newest(further, columns))
    left = [symbol for symbol in listed if symbol not in found]
    return found | _recorded(
        deps, left, lambda since: deps.snapshots.nearest_of_symbols(since, columns)
    )


def headers_of_symbols(
    deps: Dependencies, listed: Listed, columns: Sequence[str]
) -> dict[str, list[HeaderDocument]]:
    """Return the newest header of each listed expiry of each symbol that has one, by expiry date.

    It is as with `nearest_headers`: a symbol of which nothing listed is recorded has what is
    recorded.
    """
    found = deps.snapshots.newest_of_symbols(listed, columns)
    left = [symbol for symbol in listed if symbol not in found]
    found |= _recorded(deps, left, lambda since: deps.snapshots.current_of_symbols(since, columns))
    return {
        symbol: [headers[expiry] for expiry in sorted(headers)] for symbol, headers in found.items()
    }


def _nearest(headers: Mapping[str, Mapping[date, HeaderDocument]]) -> dict[str, HeaderDocument]:
    return {symbol: of_symbol[min(of_symbol)] for symbol, of_symbol in headers.items()}


def _recorded[Found](
    deps: Dependencies,
    symbols: Sequence[str],
    find: Callable[[Mapping[str, date]], dict[str, Found]],
) -> dict[str, Found]:
    """Return what is found of expiries that have not passed; else of those of its last day."""
    if not symbols:
        return {}
    found = find(dict.fromkeys(symbols, exchange_date(deps.now())))
    if passed := [symbol for symbol in symbols if symbol not in found]:
        last = deps.snapshots.last_of_symbols(passed, ["fetched_at"])
        found |= find({symbol: day_of(header) for symbol, header in last.items()})
    return found
