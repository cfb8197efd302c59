"""Client of Dhan's two endpoints of option chains.

Source of their shapes: Dhan's documentation, https://dhanhq.co/docs/v2/option-chain.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from chain_fetch.payload.json_answer import decode
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import exchange_date

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class DhanSession(Protocol):
    """POST requests to Dhan's API: DhanHttpSession, or a simulated market in memory."""

    def post(self, path: str, content: Mapping[str, Any], deadline: float) -> bytes:
        """Return the body of an answer; raise Refused."""

    def close(self) -> None:
        """Close the connections."""


class SecurityIds(Protocol):
    """How Dhan names the underlyings: DhanSecurityIds, or a fake in tests."""

    def of(self, symbol: str, deadline: float) -> tuple[int, str]:
        """Return the id of a symbol and the segment it belongs to; raise as a source does."""


class DhanClient:
    """Reads lists of expiries, and chains.

    Every method takes a `deadline` (a `time.monotonic()` second) and raises Refused or
    PayloadInvalid.
    """

    def __init__(
        self,
        session: Callable[[], DhanSession],
        ids: SecurityIds,
        now: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._ids = ids
        self._now = now

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return the expiries that Dhan lists now, from today on, nearest first."""
        where = f"expiry list of {symbol}"
        answer = decode(self._post("/v2/optionchain/expirylist", symbol, deadline))
        texts = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(texts, list):
            raise PayloadInvalid("not a list", f"{where}: data")
        try:
            days = sorted({_date(text) for text in texts})
        except ValueError as error:
            raise PayloadInvalid(str(error), f"{where}: data") from error
        today = exchange_date(self._now())
        if not (current := [day for day in days if day >= today]):
            raise PayloadInvalid("no expiry from today on", where)
        return current

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry as Dhan sent it, behind a line with the expiry."""
        from chain_fetch.dhan.body_parser import marked  # noqa: PLC0415
        from chain_fetch.dhan.refusals import check_chain  # noqa: PLC0415

        body = self._post("/v2/optionchain", symbol, deadline, Expiry=expiry.isoformat())
        check_chain(body)
        return marked(expiry, body)

    def holidays(self, deadline: float) -> frozenset[date]:  # noqa: ARG002
        """Raise Refused: Dhan lists no holidays."""
        raise Refused("empty", "Dhan lists no holidays")

    def _post(self, path: str, symbol: str, deadline: float, **more: str) -> bytes:
        scrip, segment = self._ids.of(symbol, deadline)
        content = {"UnderlyingScrip": scrip, "UnderlyingSeg": segment, **more}
        return self._session().post(path, content, deadline)


def _date(text: object) -> date:
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise ValueError(f"{str(text)[:20]!r} is not a date like 2026-12-01")
    return date.fromisoformat(text)
