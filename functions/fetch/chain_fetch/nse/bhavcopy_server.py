"""The exchange's server of daily files as a list of contracts: it states the lots of a day."""

from collections.abc import Mapping, Sequence
from datetime import date

from chain_fetch.refused import Refused
from optionchain.contract_terms import ContractTerms
from optionchain.market import Market

BHAVCOPY = "bhavcopy"
"""The name of the exchange's daily file among lists of contracts."""

ORIGIN = "https://nsearchives.nseindia.com"
_PATH = "/content/fo/"
_NOT_FOUND = 404


class BhavcopyServer:
    """Reads the bhavcopy of the trading day before; it is a ContractListReader."""

    name = BHAVCOPY

    def __init__(self, origin: str = ORIGIN) -> None:
        self._origin = origin

    def day(self, today: date, market: Market) -> date | None:
        """Return the day whose file is there in the morning of today."""
        return market.trading_day_before(today)

    def read(
        self, symbols: Sequence[str], day: date, deadline: float
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        """Return the lots of a day by symbol and expiry; raise Refused or PayloadInvalid.

        `deadline` is a `time.monotonic()` second.
        """
        # Imported here because a file is read once a day.
        from chain_fetch.nse.bhavcopy import read_bhavcopy  # noqa: PLC0415
        from chain_fetch.nse.bhavcopy_lots import lots_of  # noqa: PLC0415
        from chain_fetch.nse.bhavcopy_zip import bhavcopy_name  # noqa: PLC0415

        file = read_bhavcopy(bhavcopy_name(day), self.fetch(day, deadline), symbols)
        return lots_of(file, symbols)

    def fetch(self, day: date, deadline: float) -> bytes:
        """Return the file of a day as the server has it; raise Refused, `empty` if it has none."""
        from chain_fetch.http.kept_connections import HttpClient  # noqa: PLC0415
        from chain_fetch.http.request import HttpRequest, answer_to  # noqa: PLC0415
        from chain_fetch.nse.bhavcopy_zip import bhavcopy_name  # noqa: PLC0415
        from chain_fetch.nse.http_session import HEADERS  # noqa: PLC0415
        from chain_fetch.nse.refusals import check_answer  # noqa: PLC0415

        name = bhavcopy_name(day)
        # The server refuses who does not come from a page of the exchange, as a browser does.
        headers = {
            "Referer": "https://www.nseindia.com/",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        request = HttpRequest(self._origin + _PATH + name, headers=headers)
        with HttpClient(HEADERS, connections=1) as http:
            answer = answer_to(request, http, deadline)
        if answer.status == _NOT_FOUND:
            raise Refused("empty", f"the server has no {name}")
        check_answer(answer)
        return answer.body
