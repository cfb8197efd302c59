"""Where the vendor's list of instruments is read from; it needs no login."""

from collections.abc import Iterator

from chain_fetch.http.download import chunks_of
from chain_fetch.http.kept_connections import HttpClient
from chain_fetch.http.request import HttpRequest

_PATH = "/market-quote/instruments/exchange/NSE.json.gz"
_HEADERS = {"User-Agent": "nse-option-chain", "Accept-Encoding": "gzip"}
# That of all exchanges had 55 MB in September 2026.
_MOST_BYTES = 200_000_000


def instrument_chunks(url: str, deadline: float) -> Iterator[bytes]:
    """Yield the decoded file by a `time.monotonic()` second; raise Refused."""
    with HttpClient(_HEADERS, connections=1) as http:
        yield from chunks_of(HttpRequest(url + _PATH), http, deadline, _MOST_BYTES)
