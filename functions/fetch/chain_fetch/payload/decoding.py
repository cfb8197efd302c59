"""From the bytes of a body to typed objects, by msgspec; an error says what and where. Pure."""

import re
from codecs import BOM_UTF8
from typing import Any

import msgspec

from chain_fetch.blank_json import says_nothing
from chain_fetch.payload.schema_fault import fault_of
from chain_fetch.payload.wording import TOO_DEEP, ends_early, no_json
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson

_BYTE = re.compile(r"\(byte (\d+)\)$")


def decoded[T](body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the typed content of a body; raise PayloadInvalid if it is not of the decoder's type.

    msgspec takes half of pydantic's time for a chain of a vendor (decision 0067).
    """
    text = body.removeprefix(BOM_UTF8)
    try:
        # As text, because msgspec itself does not look whether what it skips is UTF-8.
        return decoder.decode(text.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refusal_of(error, text, decoder) from error


def refusal_of(error: Exception, text: bytes, decoder: msgspec.json.Decoder[Any]) -> PayloadInvalid:
    """Return what an error of a decoder says of a text, in our words."""
    match error:
        case UnicodeDecodeError():
            return PayloadNotJson(no_json(text, error.start), cut_off=False)
        case RecursionError():
            return PayloadNotJson(TOO_DEEP, cut_off=False)
        case _ if says_nothing(text):
            return PayloadEmpty("the body is empty", "body")
        case msgspec.ValidationError():
            return fault_of(str(error), text, decoder.type)
        case _:
            return _not_json(text, str(error))


def _not_json(text: bytes, fault: str) -> PayloadNotJson:
    """Return the error of a text such as "JSON is malformed: invalid character (byte 5)"."""
    match = _BYTE.search(fault)
    trailing = "trailing characters" in fault  # which are told by the byte behind their first
    place = int(match[1]) - trailing if match else len(text)
    # Behind a minus or a point the end of the text is called malformed.
    if place == len(text) or "truncated" in fault:
        return PayloadNotJson(ends_early(text), cut_off=True)
    return PayloadNotJson(no_json(text, place), cut_off=False)
