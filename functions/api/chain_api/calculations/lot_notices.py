"""What an operator should know about lots: of which recorded symbol none is known. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from chain_api.json_types import Answer
from optionchain.contract_lists import ContractList, judged
from optionchain.mongo.contract_register import ListUnread
from optionchain.mongo.documents import HeaderDocument

_MEANINGS = {
    "not_read": "no list of contracts that states it was read in the last seven days",
    "not_listed": "no list of contracts that was read has this expiry",
    "sources_differ": "lists of contracts differ",
}
_READ_LATE = "the first list of contracts was read after this snapshot, which keeps no lot"


def without_lot(headers: Iterable[HeaderDocument]) -> list[HeaderDocument]:
    """Return the headers that say why they have no lot; older ones say nothing of lots."""
    return [each for each in headers if each.get("lot_size_reason")]


def lot_notices(
    headers: Iterable[HeaderDocument],
    lists: Mapping[str, Sequence[ContractList]],
    unread: Sequence[ListUnread],
    today: date,
) -> list[Answer]:
    """Return a notice for each of these headers, which have no lot, with what is known of it.

    There is none where nobody tries to read a list, as beside a simulated exchange.
    """
    found: list[Answer] = []
    for header in headers:
        symbol, reason = header["symbol"], str(header["lot_size_reason"])
        known_lists = lists.get(symbol, ())
        failures = _failures(unread, known_lists)
        if reason == "not_read" and not failures and not known_lists:
            continue
        said = judged(known_lists, header["expiry"].date(), today, "lot_size").detail
        # The header keeps the reason of its own tick, and a list may have been read since then.
        late = reason == "not_read" and said
        known = [_READ_LATE if late else _MEANINGS.get(reason, reason), said, *failures]
        told = "; ".join(text for text in known if text)
        found.append(
            {
                "code": "lot_size_unknown",
                "symbol": symbol,
                "detail": f"the lot of {symbol} {header['expiry_date']} is not known: {told}",
                "expiry_date": header["expiry_date"],
                "reason": reason,
            }
        )
    return found


def _failures(unread: Iterable[ListUnread], lists: Sequence[ContractList]) -> list[str]:
    """Return why lists could not be read, but for those that were read later."""
    read = {(each.source, each.day) for each in lists}
    return [
        f"{each.source} of {each.day} was not read: {each.detail}"
        for each in unread
        if (each.source, each.day) not in read
    ]
