"""The parameter `tz` of every route that answers moments: the time in which they are written."""

from chain_api.problems.catalogue import invalid
from chain_api.problems.route_parameters import TIME_ZONE

ZONES = ("UTC", "IST")


def is_ist(text: str) -> bool:
    """Tell whether a value of the parameter is the time of India, in any case."""
    return text.strip(" ").upper() == "IST"


def check_zone(text: str) -> None:
    """Raise the Problem of a value that is none of the two."""
    if text.strip(" ").upper() not in ZONES:
        raise invalid(TIME_ZONE, text[:100], "must be UTC or IST, such as tz=IST")
