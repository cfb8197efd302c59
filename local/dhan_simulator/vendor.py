"""The simulated Dhan: its endpoints, its files, and whom it answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from local.dhan_simulator.chains import chain_data
from local.dhan_simulator.errors import (
    INVALID_DATE,
    INVALID_EXPIRY,
    INVALID_REQUEST,
    INVALID_SECURITY,
    NOT_FOUND,
    TOO_MANY,
    data_refused,
    gateway_refused,
)
from local.dhan_simulator.faults import (
    CHAIN,
    EXPIRIES,
    GENERATE,
    PROFILE,
    RENEW,
    SCRIP_MASTER,
    Fault,
    FaultKind,
)
from local.dhan_simulator.instruments import UNDERLYINGS, scrip_master
from local.dhan_simulator.tokens import CLIENT_ID, Tokens
from local.nse_simulator.feed import ExchangeFeed
from local.nse_simulator.v3_format import IST, JsonObject
from local.vendor_simulator.limits import Limits, Window
from local.vendor_simulator.tokens import claims_of
from local.vendor_simulator.vendor import Call, SimulatedVendor, VendorRefused

# The vendor's rule is 3 s. The network may bring two requests together that were sent 3 s apart.
WINDOWS: tuple[Window, ...] = ((1, 2.75),)


class SimulatedDhan(SimulatedVendor):
    """Dhan over the simulated market.

    `windows` are the limits of one chain: beyond them it is refused. Another chain within them is
    blank: a burst of several chains gets one that has numbers.
    """

    name = "Dhan"

    def __init__(self, feed: ExchangeFeed, windows: Sequence[Window] = WINDOWS) -> None:
        super().__init__(feed)
        self.tokens = Tokens()
        self._limits, self._burst = Limits(windows), Limits(windows)
        self.answers = {
            ("POST", CHAIN): self._chain,
            ("POST", EXPIRIES): self._expiries,
            ("GET", PROFILE): self._profile,
            ("GET", RENEW): lambda call: self.tokens.renew(call.headers, feed.now()),
            ("POST", GENERATE): lambda call: self.tokens.generate(call.values, feed.now()),
        }
        self.files = {SCRIP_MASTER: lambda: scrip_master(feed)}

    def admit(self, call: Call) -> None:
        """Raise VendorRefused unless the token and the limits allow this request."""
        if call.path in (CHAIN, EXPIRIES):
            self.tokens.check(call.headers, self.feed.now())
        if call.path == CHAIN and self._limits.refuse(tuple(sorted(call.values.items()))):
            raise data_refused(TOO_MANY)

    def not_found(self) -> VendorRefused:
        """Return the answer to a path that does not exist."""
        return gateway_refused(NOT_FOUND)

    def malformed(self) -> VendorRefused:
        """Return the answer to a body that is no JSON object."""
        return data_refused(INVALID_REQUEST)

    def _chain(self, call: Call) -> JsonObject:
        symbol, text = _symbol(call), call.text("Expiry")
        try:
            expiry = date.fromisoformat(text)
        except ValueError as error:
            raise data_refused(INVALID_DATE) from error
        if expiry not in self.feed.market.expiries(symbol):
            raise data_refused(INVALID_EXPIRY)
        if self._burst.refuse():
            call = replace(call, fault=Fault(kind=FaultKind.BLANK_CHAIN))
        return {"data": chain_data(self.feed, symbol, expiry, call), "status": "success"}

    def _expiries(self, call: Call) -> JsonObject:
        days = [day.isoformat() for day in self.feed.market.expiries(_symbol(call))]
        return {"data": days, "status": "success"}

    def _profile(self, call: Call) -> JsonObject:
        now = self.feed.now()
        claims = claims_of(self.tokens.check(call.headers, now, data=False), "HS512") or {}
        ends = now.fromtimestamp(claims["exp"], IST)
        plan = "Deactive" if claims.get("simulatedPlan") == "none" else "Active"
        return {
            "dhanClientId": CLIENT_ID,
            "tokenValidity": f"{ends:%d/%m/%Y %H:%M}",
            "activeSegment": "Equity, Derivative",
            "ddpi": "Active",
            "mtf": "Active",
            "dataPlan": plan,
            "dataValidity": f"{ends:%Y-%m-%d %H:%M:%S}.0",
        }


def _symbol(call: Call) -> str:
    id_, segment = call.values.get("UnderlyingScrip"), call.text("UnderlyingSeg")
    if not isinstance(id_, int) or not segment:
        raise data_refused(INVALID_REQUEST)
    if (segment, id_) not in UNDERLYINGS:
        raise data_refused(INVALID_SECURITY)
    return UNDERLYINGS[segment, id_]
