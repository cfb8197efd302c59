"""Bodies that are wrong in random ways, which a seed repeats."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

from tests.support.bodies import SPELLINGS, chain_body

STRIKES = range(23_000, 25_000, 250)
WHOLE = [chain_body(STRIKES, spelling=spelling) for spelling in SPELLINGS]
TEXTS = [json.dumps(body).encode() for body in WHOLE]

type Mutation = Callable[[random.Random], bytes]


def flipped(chance: random.Random) -> bytes:
    """Return a body with some bits flipped."""
    text = bytearray(chance.choice(TEXTS))
    for _ in range(chance.randint(1, 8)):
        text[chance.randrange(len(text))] ^= 1 << chance.randrange(8)
    return bytes(text)


def cut_off(chance: random.Random) -> bytes:
    """Return a body that ends early, sometimes with the end of another one."""
    text = chance.choice(TEXTS)
    kept = text[: chance.randrange(len(text))]
    return kept + chance.choice([b"", b"", b"}}", chance.choice(TEXTS)[-chance.randrange(200) :]])


def mistyped(chance: random.Random) -> bytes:
    """Return a body with a value of another type."""
    values = [None, True, False, "", "0", "24000", -1, 0, 0.5, [], {}, [24_000], {"value": 1}]
    return changed(chance, lambda: json.dumps(chance.choice(values)).encode())


def outsized(chance: random.Random) -> bytes:
    """Return a body with a number that is invalid or far too large."""
    digits = b"9" * chance.choice([16, 40, 309, 5_000, 200_000])
    exponent = f"1e{chance.choice([15, 16, 308, 309, 999_999_999, -400])}".encode()
    others = [b"NaN", b"Infinity", b"-Infinity", b"-0.0", b"0" * 50 + b"1", b"0x10", b"1_000"]
    return changed(chance, lambda: chance.choice([digits, b"-" + digits, exponent, *others]))


def nested(chance: random.Random) -> bytes:
    """Return a body with deep nesting, which may not be closed."""
    depth = chance.choice([10, 300, 20_000])
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}"), (b'{"records":[', b"]}")])
    inner = opening * depth + chance.choice([b"", b"1", b"{}"]) + closing * depth
    return inner if chance.random() < 0.3 else changed(chance, lambda: inner)


def shuffled(chance: random.Random) -> bytes:
    """Return a body with parts moved, doubled or left out."""
    text = chance.choice(TEXTS)
    cuts = sorted(chance.randrange(len(text)) for _ in range(3))
    first, second, third, last = (text[i:j] for i, j in pairwise([0, *cuts, len(text)]))
    return chance.choice([first + third + second + last, first + third + last, text + second])


def renamed(chance: random.Random) -> bytes:
    """Return a body with a key renamed, perhaps to another key."""
    keys = ["records", "data", "timestamp", "CE", "PE", "strikePrice", "identifier", "openInterest"]
    old, new = chance.sample(keys, 2)
    text = chance.choice(TEXTS)
    count = text.count(f'"{old}"'.encode())
    place = -1
    for _ in range(chance.randint(1, count)):
        place = text.index(f'"{old}"'.encode(), place + 1)
    name = chance.choice([new, old.upper(), old + "s", ""])
    return text[:place] + f'"{name}"'.encode() + text[place + len(old) + 2 :]


MUTATIONS: tuple[Mutation, ...] = (flipped, cut_off, mistyped, outsized, nested, shuffled, renamed)
_MARK = "the value that is to be another"


def changed(chance: random.Random, value: Callable[[], bytes]) -> bytes:
    """Return a body with some values replaced by raw text."""
    body = deepcopy(chance.choice(WHOLE))
    del body["filtered"]  # it is not read
    holders = list(places(body))
    for _ in range(chance.choice([1, 1, 1, 3])):
        parent, key = chance.choice(holders)
        parent[key] = _MARK
    text = json.dumps(body).encode()
    mark = json.dumps(_MARK).encode()
    while mark in text:
        text = text.replace(mark, value(), 1)
    return text


def places(node: object) -> Iterator[tuple[Any, Any]]:
    """Yield the container and the key of every node below one."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from places(node[key])  # type: ignore[index]
