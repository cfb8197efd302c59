"""Repeatable randomness: numbers that belong to a key, the same in every process."""

from functools import lru_cache
from hashlib import blake2b
from math import exp, floor, sqrt

YEAR = 365 * 86_400
SHORTEST = 30
OCTAVES = 17


def uniform(*key: object) -> float:
    """A number in [0, 1) that belongs to the key."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def four_uniforms(*key: object) -> list[float]:
    """Four independent numbers in [0, 1) that belong to the key."""
    digest = blake2b(repr(key).encode(), digest_size=16).digest()
    return [int.from_bytes(digest[n : n + 4]) / 2**32 for n in range(0, 16, 4)]


def smooth_curve(position: float, *key: object) -> float:
    """A curve in [-1, 1] through a random height at each whole position."""
    left = floor(position)
    share = position - left
    start, end = uniform(*key, left), uniform(*key, left + 1)
    return 2 * (start + (end - start) * share * share * (3 - 2 * share)) - 1


@lru_cache(maxsize=16_384)
def price_factor(seed: int, symbol: str, volatility: float, second: int) -> float:
    """The factor on a symbol's base price at an epoch second.

    A sum of curves from half a minute to three weeks long, each as high as a random walk of the
    yearly volatility gets in its length: looks like a walk, and any instant costs the same.
    """
    swing = 0.0
    for octave in range(OCTAVES):
        period = SHORTEST * 2**octave
        height = volatility * sqrt(period / YEAR)
        swing += height * smooth_curve(second / period, seed, symbol, octave)
    return exp(swing)
