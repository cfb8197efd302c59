"""Days of snapshots, put together from the lists of the API."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote

from optionchain_client.answers import Record, contracts_in, snapshot_of_row
from optionchain_client.dates import Expiry, chosen, day_of, expiry_of, instant_of
from optionchain_client.errors import NotFound
from optionchain_client.http import Http, Query
from optionchain_client.portions import portions
from optionchain_client.snapshots import CONTRACT_FIELDS, Snapshot

MOST_RECORDS = 10_000
"""The longest page of a list."""
MOST_DOCUMENTS = 5_000
"""The longest page of whole documents: the API may answer 6 MB at most."""
_LONGEST_RANGE = timedelta(days=30)
_NOTHING_YET = "nothing-yet"
_COLUMNS = ",".join((*CONTRACT_FIELDS, "fetched_at"))


def chain_path(symbol: str) -> str:
    """Return the path of a symbol's chain."""
    return f"option-chain/{quote(symbol, safe='')}"


class RecordedDays:
    """Reads the days of a symbol. Raises ApiError."""

    def __init__(self, http: Http, symbol: str) -> None:
        self._http = http
        self._symbol = symbol.upper()
        self._path = chain_path(symbol)

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days with a snapshot: one request each, and one for each 31 days without."""
        while first <= last:
            end = min(last, first + _LONGEST_RANGE)
            found = next(self._snapshots(first, end, most=1), None)
            if found:
                end = day_of(instant_of(found["timestamp"]))
                yield end
            first = end + timedelta(days=1)

    def snapshots(self, day: date, expiry: Expiry) -> Iterator[Snapshot]:
        """Yield the snapshots of a day, by tick and expiry; see Client.chains."""
        rows = list(self._snapshots(day, day, MOST_RECORDS))
        wanted = set(chosen((expiry_of(row["expiry_date"]) for row in rows), expiry, day))
        of_wanted = [row for row in rows if expiry_of(row["expiry_date"]) in wanted]
        for portion in portions(of_wanted, contracts_in):
            contracts = self._contracts(portion)
            for row in portion:
                key = row["expiry_date"], row["timestamp"]
                yield snapshot_of_row(self._symbol, row, contracts.pop(key, []))

    def _contracts(self, rows: list[Record]) -> dict[tuple[str, str], list[Record]]:
        """Return the contracts of these snapshots by expiry and tick."""
        found: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for expiry in sorted({row["expiry_date"] for row in rows}):
            query: Query = {
                "expiry": expiry,
                "from": rows[0]["timestamp"],
                "to": rows[-1]["timestamp"],
                "strike_min": 0,  # the API wants to be told which strikes: all of them
                "columns": _COLUMNS,
                "limit": MOST_RECORDS,
            }
            for contract in self._http.records(f"{self._path}/history", query):
                found[expiry, contract["fetched_at"]].append(contract)
        return found

    def _snapshots(self, first: date, last: date, most: int) -> Iterator[Record]:
        """Yield rows of snapshots, `most` a page; none if nothing was recorded by then."""
        query: Query = {"expiry": "all", "from": str(first), "to": str(last), "limit": most}
        try:
            yield from self._http.records(f"{self._path}/snapshots", query)
        except NotFound as error:
            if error.slug != _NOTHING_YET:
                raise
