"""The refusals of Dhan: numbers of its data API, and codes of its gateway."""

from local.nse_simulator.v3_format import JsonObject
from local.vendor_simulator.vendor import VendorRefused

type DataRefusal = tuple[int, str, str]
"""A status, a number of the data API, and a sentence."""
type GatewayRefusal = tuple[int, str, str, str]
"""A status, a code of the gateway, its type, and a sentence."""

TOO_MANY: DataRefusal = (
    429,
    "805",
    "Too many requests. Further requests may result in the user being blocked.",
)
NOT_SUBSCRIBED: DataRefusal = 401, "806", "Data APIs not Subscribed"
TOKEN_ENDED: DataRefusal = 401, "807", "Access token is expired"
NOT_AUTHENTICATED: DataRefusal = 401, "808", "Authentication Failed - Client ID or Access Token"
INVALID_CLIENT: DataRefusal = 401, "810", "Invalid client ID"
INVALID_EXPIRY: DataRefusal = 400, "811", "Invalid Expiry Date"
INVALID_DATE: DataRefusal = 400, "812", "Invalid Date Format"
INVALID_SECURITY: DataRefusal = 400, "813", "Invalid SecurityId"
INVALID_REQUEST: DataRefusal = 400, "814", "Invalid Request"
FAILED: DataRefusal = 500, "800", "Internal Server Error"

INVALID_TOKEN: GatewayRefusal = (
    401,
    "DH-901",
    "Invalid_Authentication",
    "Client ID or user generated access token is invalid or expired.",
)
RATE_LIMIT: GatewayRefusal = 429, "DH-904", "Rate_Limit", "Too many requests on server from user"
NOT_RENEWABLE: GatewayRefusal = (
    400,
    "DH-905",
    "Input_Exception",
    "Renewal is not allowed for this token type",
)
NOT_FOUND: GatewayRefusal = 404, "DH-905", "Input_Exception", "Missing required fields, bad values"


def data_error(refusal: DataRefusal) -> JsonObject:
    """Return the JSON of a refusal of the data API."""
    _, code, message = refusal
    return {"data": {code: message}, "status": "failed"}


def gateway_error(refusal: GatewayRefusal) -> JsonObject:
    """Return the JSON of a refusal of the gateway."""
    _, code, kind, message = refusal
    return {"errorType": kind, "errorCode": code, "errorMessage": message}


def data_refused(refusal: DataRefusal) -> VendorRefused:
    """Return a refusal of the data API, to be raised."""
    return VendorRefused(refusal[0], data_error(refusal))


def gateway_refused(refusal: GatewayRefusal) -> VendorRefused:
    """Return a refusal of the gateway, to be raised."""
    return VendorRefused(refusal[0], gateway_error(refusal))
