"""Repeatable random numbers: each belongs to a key and is the same in every process."""

from functools import lru_cache
from hashlib import blake2b
from math import exp, floor, sqrt

YEAR = 365 * 86_400
SHORTEST = 30
OCTAVES = 17


def uniform(*key: object) -> float:
    """Return the number in [0, 1) of the key."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def four_uniforms(*key: object) -> list[float]:
    """Return the four independent numbers in [0, 1) of the key."""
    digest = blake2b(repr(key).encode(), digest_size=16).digest()
    return [int.from_bytes(digest[n : n + 4]) / 2**32 for n in range(0, 16, 4)]


def smooth_curve(position: float, *key: object) -> float:
    """Return a point of the curve in [-1, 1] through a random height at each whole position."""
    left = floor(position)
    share = position - left
    start, end = uniform(*key, left), uniform(*key, left + 1)
    return 2 * (start + (end - start) * share * share * (3 - 2 * share)) - 1


@lru_cache(maxsize=16_384)
def price_factor(seed: int, symbol: str, volatility: float, second: int) -> float:
    """Return the factor on a symbol's base price at an epoch second.

    It is a sum of curves with lengths from half a minute to three weeks. Each is as high as a
    random walk with the yearly volatility gets in that time. The sum looks like a random walk, and
    every instant costs the same to compute.
    """
    swing = 0.0
    for octave in range(OCTAVES):
        period = SHORTEST * 2**octave
        height = volatility * sqrt(period / YEAR)
        swing += height * smooth_curve(second / period, seed, symbol, octave)
    return exp(swing)
