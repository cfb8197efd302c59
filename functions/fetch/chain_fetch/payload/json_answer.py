"""The JSON of a small answer, decoded; a body that is no JSON or blank is a refusal."""

from codecs import BOM_UTF8

import orjson

from chain_fetch.blank_json import is_blank
from chain_fetch.refused import Refused


def decode(body: bytes) -> object:
    """Return the decoded JSON of an answer; raise Refused if it is no JSON, cut off, or blank."""
    text = body.removeprefix(BOM_UTF8)
    try:
        decoded = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _refusal_of_text(text.strip(), error) from error
    if is_blank(decoded):
        raise Refused("empty", f"the body is {text[:40].decode(errors='replace')}")
    return decoded


def _refusal_of_text(text: bytes, error: orjson.JSONDecodeError) -> Refused:
    if not text:
        return Refused("empty", "the body has no byte")
    if error.pos == len(error.doc) > 0:  # what is there is the beginning of valid JSON
        return Refused("truncated", f"the JSON ends after {len(text)} bytes")
    return Refused("not_json", f"the body begins {text[:40]!r}")
