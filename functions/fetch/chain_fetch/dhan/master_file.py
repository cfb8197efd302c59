"""Where Dhan's list of contracts is read from; it needs no login."""

from collections.abc import Iterator

from chain_fetch.http.download import lines_of
from chain_fetch.http.kept_connections import HttpClient
from chain_fetch.http.request import HttpRequest

_PATH = "/api-data/api-scrip-master-detailed.csv"
_HEADERS = {"User-Agent": "nse-option-chain", "Accept-Encoding": "gzip"}
# The file of September 2026 has some 40 MB.
_MOST_BYTES = 200_000_000


def master_lines(url: str, deadline: float) -> Iterator[bytes]:
    """Yield the lines of the file by a `time.monotonic()` second; raise Refused."""
    with HttpClient(_HEADERS, connections=1) as http:
        yield from lines_of(HttpRequest(url + _PATH), http, deadline, _MOST_BYTES)
