"""The refusals of Upstox: its JSON with a code, and the pages of its front."""

from typing import Any

from local.nse_simulator.v3_format import JsonObject
from local.vendor_simulator.vendor import VendorRefused

INVALID_TOKEN = 401, "UDAPI100050", "Invalid token used to access API"
NOT_FOR_THIS_TOKEN = (
    401,
    "UDAPI100067",
    "The API you are trying to access is not permitted with an extended_token",
)
STATIC_IP = (
    401,
    "UDAPI1221",
    "This API is permitted only when requested from the static IP registered for the app",
)
TOO_MANY = 429, "UDAPI10005", "Too Many Request Sent"
INVALID_KEY = 400, "UDAPI100011", "Invalid Instrument key"
KEY_REQUIRED = 400, "UDAPI1009", "instrument_key is required"
TOO_MANY_KEYS = 400, "UDAPI100042", "Maximum 500 instrument keys allowed in a request"
INVALID_DATE = 400, "UDAPI1088", "Invalid date"
NOT_FOUND = 404, "UDAPI100060", "Resource not Found"
FAILED = 500, "UDAPI100500", "Something went wrong... please contact us"

type Refusal = tuple[int, str, str]
"""A status, a code and a sentence."""


def error_body(refusal: Refusal) -> JsonObject:
    """Return the JSON of a refusal: each name is there twice, in the old and the new spelling."""
    _, code, message = refusal
    old: dict[str, Any] = {
        "errorCode": code,
        "message": message,
        "propertyPath": None,
        "invalidValue": None,
    }
    new: dict[str, Any] = {"error_code": code, "property_path": None, "invalid_value": None}
    return {"status": "error", "errors": [old | new]}


def refused(refusal: Refusal) -> VendorRefused:
    """Return a refusal, to be raised."""
    return VendorRefused(refusal[0], error_body(refusal))
