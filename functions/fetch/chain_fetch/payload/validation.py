"""From the bytes of a body to its validated parts; an error says what is wrong and where. Pure."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from chain_fetch.blank_json import LONGEST_BLANK_BODY, says_nothing
from chain_fetch.payload.wording import MISSING, TOO_DEEP, but_is, clause_of, ends_early, no_json
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson

_POSITION = re.compile(r" at line (\d+) column (\d+)$")


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
            raise _not_json(text, fault["ctx"]["error"]) from error
        if len(text) <= LONGEST_BLANK_BODY and lacks_rows(from_json(text)):
            raise PayloadEmpty("no contract", rows) from error
        raise _invalid(fault) from error


def _not_json(text: bytes, fault: str) -> PayloadNotJson:
    """Return the error of a text such as "expected value at line 1 column 5"."""
    if "EOF" in fault:
        return PayloadNotJson(ends_early(text), cut_off=True)
    match = _POSITION.search(fault)
    if match is None or fault.startswith("recursion limit"):
        return PayloadNotJson(TOO_DEEP if match else no_json(text, 0), cut_off=False)
    lines, column = text.splitlines(keepends=True), int(match[2])
    before = sum(map(len, lines[: int(match[1]) - 1]))
    return PayloadNotJson(no_json(text, max(before + column - 1, 0)), cut_off=False)


def _invalid(fault: ErrorDetails) -> PayloadInvalid:
    where = ".".join(str(part) for part in fault["loc"]) or "body"
    if fault["type"] == "missing":
        return PayloadInvalid(MISSING, where)
    clause = clause_of(fault["type"], fault.get("ctx", {}))
    return PayloadInvalid(but_is(clause, fault["input"]), where)
