"""From the bytes of a body to its validated parts; an error says what is wrong and where. Pure."""

from codecs import BOM_UTF8

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from chain_fetch.blank_json import (
    LONGEST_BLANK_BODY,
    holds_objects_in_lists,
    is_blank,
    says_nothing,
)
from chain_fetch.payload.schema import BODY, Body
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson

# The longest excerpt of a bad value that an error message shows.
LONGEST_EXCERPT = 60


def validated(body: bytes) -> Body:
    """Return the validated parts of a body; raise PayloadInvalid if it is not of the schema.

    A body without a row is PayloadEmpty, whatever else of it is missing.
    """
    text = body.removeprefix(BOM_UTF8)
    try:
        return BODY.validate_json(text)
    except ValidationError as error:
        raise _invalid(text, error.errors(include_url=False)[0]) from error


def _invalid(body: bytes, fault: ErrorDetails) -> PayloadInvalid:
    if says_nothing(body):
        return PayloadEmpty("the body is empty", "body")
    if fault["type"] == "json_invalid":
        return PayloadNotJson(fault["msg"], cut_off="EOF" in fault["msg"])
    if len(body) <= LONGEST_BLANK_BODY and _is_chain_without_rows(from_json(body)):
        return PayloadEmpty("no contract", "records.data")
    where = ".".join(str(part) for part in fault["loc"]) or "body"
    if fault["type"] == "missing":
        return PayloadInvalid("missing; has the exchange changed its spelling?", where)
    value = fault["input"]
    plain = isinstance(value, (str, float, bool))
    excerpt = repr(value)[:LONGEST_EXCERPT] if plain else type(value).__name__
    return PayloadInvalid(f"{fault['msg']}, not {excerpt}", where)


def _is_chain_without_rows(body: object) -> bool:
    """Return whether a body is a chain whose rows are missing or blank, and has no rows elsewhere.

    If it has rows elsewhere, the exchange has changed its spelling or contradicts itself.
    """
    if not isinstance(body, dict) or not isinstance(records := body.get("records"), dict):
        return False
    return is_blank(records.get("data")) and not holds_objects_in_lists(body)
