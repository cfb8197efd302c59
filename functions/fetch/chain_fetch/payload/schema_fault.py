"""Which value of a body is not of its type, by the error of msgspec and the body itself. Pure.

msgspec names no value, and of an object with keys of its own, such as strikes, not the key. So a
body with a fault is read again without types.
"""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from chain_fetch.payload.wording import LONGEST_EXCERPT, MISSING, OTHERWISE, bound, but_is, kind_of
from optionchain.errors import PayloadInvalid

_FAULT = re.compile(r"(?P<what>.*?)(?: - at (?P<key>`key` in )?`(?P<where>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_TYPE = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<found>[^`]*)`")
_BOUND = re.compile(r"Expected `(?:float|int)` (?P<sign>[<>]=?) (?P<number>\S+)")
_TOO_LARGE = ("Number out of range", "Integer value out of range")
_STEP = re.compile(r"\[(\d+)\]|\[?([^.\[\]]+|\.\.\.)\]?")
_ANY = "..."
# Beyond this only the place and the type are told: small values take many times their bytes.
_LONGEST_SEARCHED = 1024 * 1024

type _Path = Sequence[str | int]


class _Fault(NamedTuple):
    """What msgspec says: of the value at a path, or with `of_key` of a key of that object."""

    text: str
    what: str
    of_key: bool
    path: _Path


def fault_of(text: str, body: bytes, kind: Any) -> PayloadInvalid:  # noqa: ANN401
    """Return the error of a body that is not of a type, from msgspec's text.

    That is such as "Expected `float | null`, got `str` - at `$.data[0].oi`".
    """
    fault = _parsed(text)
    whole = _read(body)
    path = fault.path if whole is None else _named(whole, fault, kind)
    if missing := _MISSING.fullmatch(fault.what):
        return PayloadInvalid(MISSING, _place([*path, missing["name"]]))
    clause = _clause(fault.what)
    if fault.of_key:
        *path, key = path if path != fault.path else [*path, _ANY]
        return PayloadInvalid(but_is(f"a key {clause}", key), _place(path))
    with suppress(LookupError, TypeError):
        return PayloadInvalid(but_is(clause, _at(whole, path)), _place(path))
    found = _TYPE.fullmatch(fault.what)
    told = f", not {kind_of(found['found']) or found['found']}" if found else ""
    return PayloadInvalid(clause + told, _place(path))


def _parsed(text: str) -> _Fault:
    match = _FAULT.fullmatch(text)
    what, key, where = match.group("what", "key", "where") if match else (text, None, None)
    steps = _STEP.finditer((where or "").removeprefix("$"))
    path = [int(step[1]) if step[1] else step[2] for step in steps]
    return _Fault(text, what, key is not None, path)


def _clause(what: str) -> str:
    if match := _TYPE.fullmatch(what):
        names = [kind_of(name) for name in match["wanted"].split(" | ") if name != "null"]
        return f"must be {' or '.join(filter(None, names)) or match['wanted']}"
    if match := _BOUND.fullmatch(what):
        return bound(match["sign"], float(match["number"]))
    return "must be a smaller number" if what in _TOO_LARGE else OTHERWISE


def _read(body: bytes) -> object:
    """Return the body without types; None if it is too long, or no JSON behind its fault."""
    if len(body) <= _LONGEST_SEARCHED:
        with suppress(ValueError, RecursionError):
            whole: object = json.loads(body)
            return whole
    return None


def _named(whole: object, fault: _Fault, kind: Any) -> _Path:  # noqa: ANN401
    """Return the path of a fault with the keys that msgspec leaves out, as far as they are found.

    It is the first key that brings the same error if it stands alone.
    """
    steps = [*fault.path, _ANY] if fault.of_key else list(fault.path)
    while _ANY in steps:
        place = steps.index(_ANY)
        before = steps[:place]
        for key, value in _at(whole, before).items():
            if _error(_with(whole, before, {key: value}), kind) == fault.text:
                steps[place] = key
                break
        else:
            return fault.path
    return steps


def _error(whole: object, kind: Any) -> str:  # noqa: ANN401
    try:
        msgspec.convert(whole, kind, str_keys=True)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _at(whole: Any, path: _Path) -> Any:  # noqa: ANN401
    for step in path:
        whole = whole[step]
    return whole


def _with(whole: Any, path: _Path, value: object) -> object:  # noqa: ANN401
    """Return a copy in which another value stands at a path."""
    if not path:
        return value
    changed = whole.copy()
    changed[path[0]] = _with(whole[path[0]], path[1:], value)
    return changed


def _place(path: _Path) -> str:
    return ".".join(str(step)[:LONGEST_EXCERPT] for step in path) or "body"
