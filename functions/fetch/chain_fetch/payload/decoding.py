"""From the bytes of a body to typed objects, by msgspec; an error says what and where. Pure."""

import re
from codecs import BOM_UTF8

import msgspec

from chain_fetch.blank_json import says_nothing
from chain_fetch.payload.validation import LONGEST_EXCERPT
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson

_PLACE = re.compile(r"(?P<what>.*?)(?: - at `(?P<where>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")


def decoded[T](body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the typed content of a body; raise PayloadInvalid if it is not of the decoder's type.

    msgspec takes half of pydantic's time for a chain of a vendor (decision 0067).
    """
    text = body.removeprefix(BOM_UTF8)
    try:
        # As text, because msgspec itself does not look whether what it skips is UTF-8.
        return decoder.decode(text.decode())
    except msgspec.ValidationError as error:
        if says_nothing(text):
            raise PayloadEmpty("the body is empty", "body") from error
        raise _invalid(str(error)) from error
    except msgspec.DecodeError as error:
        if says_nothing(text):
            raise PayloadEmpty("the body is empty", "body") from error
        raise PayloadNotJson(str(error), cut_off=_is_cut_off(str(error), len(text))) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise PayloadNotJson(type(error).__name__, cut_off=False) from error


def _is_cut_off(error: str, length: int) -> bool:
    """Tell whether the text ends too early; behind a minus or a point it is called malformed."""
    at_the_end = error.endswith(f"(byte {length})") and "trailing" not in error
    return at_the_end or "truncated" in error


def _invalid(text: str) -> PayloadInvalid:
    """Return the error of a text such as "Expected `float`, got `str` - at `$.data[0].oi`"."""
    match = _PLACE.fullmatch(text)
    what, where = match.groups() if match else (text, None)
    path = (where or "").removeprefix("$").replace("[", ".").replace("]", "").strip(".")
    if missing := _MISSING.fullmatch(what):
        path = f"{path}.{missing['name']}".strip(".")
        what = "missing; has the source changed its spelling?"
    return PayloadInvalid(what[: 2 * LONGEST_EXCERPT], path or "body")
