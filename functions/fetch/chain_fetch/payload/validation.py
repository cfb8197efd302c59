"""From the bytes of a body to its validated parts; an error says what is wrong and where. Pure."""

from codecs import BOM_UTF8
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from chain_fetch.blank_json import LONGEST_BLANK_BODY, says_nothing
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson

# The longest excerpt of a bad value that an error message shows.
LONGEST_EXCERPT = 60


def validated[T](
    body: bytes, adapter: TypeAdapter[T], *, rows: str, lacks_rows: Callable[[object], bool]
) -> T:
    """Return the validated parts of a body; raise PayloadInvalid if it is not of the schema.

    `rows` is where the rows of a chain stand, for the error. `lacks_rows` tells of a decoded body
    whether it is a chain without any: then it is PayloadEmpty, whatever else of it is missing.
    """
    text = body.removeprefix(BOM_UTF8)
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        if says_nothing(text):
            raise PayloadEmpty("the body is empty", "body") from error
        if fault["type"] == "json_invalid":
            raise PayloadNotJson(fault["msg"], cut_off="EOF" in fault["msg"]) from error
        if len(text) <= LONGEST_BLANK_BODY and lacks_rows(from_json(text)):
            raise PayloadEmpty("no contract", rows) from error
        raise _invalid(fault) from error


def _invalid(fault: ErrorDetails) -> PayloadInvalid:
    where = ".".join(str(part) for part in fault["loc"]) or "body"
    if fault["type"] == "missing":
        return PayloadInvalid("missing; has the source changed its spelling?", where)
    value = fault["input"]
    plain = isinstance(value, (str, float, bool))
    excerpt = repr(value)[:LONGEST_EXCERPT] if plain else type(value).__name__
    return PayloadInvalid(f"{fault['msg']}, not {excerpt}", where)
