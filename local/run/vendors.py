"""The vendors that a run can ask, and what stands in for each on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from local.dhan_simulator import tokens as dhan_tokens
from local.upstox_simulator import tokens as upstox_tokens

type Values = dict[str, str]


@dataclass(frozen=True)
class Vendor:
    """A vendor: its hosts by their names in SOURCE_URLS, and what its simulation needs.

    `token` makes the values of a token that holds from an instant on.
    """

    hosts: tuple[str, ...]
    token: Callable[[datetime], Values]


def _upstox_token(now: datetime) -> Values:
    return {"access_token": upstox_tokens.analytics_token(now)}


def _dhan_token(now: datetime) -> Values:
    return {"client_id": dhan_tokens.CLIENT_ID, "access_token": dhan_tokens.token(now)}


VENDORS = {
    "upstox": Vendor(("upstox", "upstox-files"), _upstox_token),
    "dhan": Vendor(("dhan", "dhan-files", "dhan-login"), _dhan_token),
}
FILE_SERVER = "nse-files"
"""The name of the exchange's file server in SOURCE_URLS."""
