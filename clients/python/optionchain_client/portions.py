"""Parts of a day that fit into memory."""

from collections.abc import Callable, Iterable, Iterator

# A day of the nearest expiry, 400 snapshots of 206 contracts, is one portion of some 100 MB.
MOST_CONTRACTS = 100_000


def portions[Header](
    headers: Iterable[Header], contracts_in: Callable[[Header], int]
) -> Iterator[list[Header]]:
    """Yield headers in their order, as many at once as have MOST_CONTRACTS contracts together."""
    portion: list[Header] = []
    room = MOST_CONTRACTS
    for header in headers:
        if portion and contracts_in(header) > room:
            yield portion
            portion, room = [], MOST_CONTRACTS
        portion.append(header)
        room -= contracts_in(header)
    if portion:
        yield portion
