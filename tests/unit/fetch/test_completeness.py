"""How much of the chain before is left of a body."""

import pytest

from chain_fetch.recording.bodies.completeness import ChainSize, is_far_smaller, loss_told, size_of
from tests.support.snapshots import snapshot


def test_a_chain_has_rows_and_contracts() -> None:
    one_sided = snapshot((24000.0, 24050.0)).legs - {(24050.0, "PE")}
    assert size_of(one_sided) == ChainSize(rows=2, legs=3)
    assert size_of(frozenset()) == ChainSize(0, 0)


@pytest.mark.parametrize(
    ("size", "before", "smaller"),
    [
        ((85, 170), (85, 170), False),
        ((86, 171), (85, 170), False),
        ((57, 170), (85, 170), False),
        ((56, 170), (85, 170), True),
        ((85, 114), (85, 170), False),
        ((85, 113), (85, 170), True),
        ((20, 40), (85, 170), True),
        ((2, 4), (3, 6), False),  # exactly two thirds
        ((1, 2), (2, 4), True),
    ],
)
def test_under_two_thirds_of_the_rows_or_contracts_is_far_smaller(
    size: tuple[int, int], before: tuple[int, int], smaller: bool
) -> None:
    assert is_far_smaller(ChainSize(*size), ChainSize(*before)) is smaller


def test_a_loss_is_told_in_counts() -> None:
    told = loss_told(ChainSize(20, 40), ChainSize(85, 170))
    assert told == "20 of 85 rows, 40 of 170 contracts"


def test_a_hash_of_legs_depends_on_which_contracts_there_are_alone() -> None:
    chain = snapshot((24000.0, 24050.0))
    assert chain.legs_hash == snapshot((24000.0, 24050.0), last_price=7.0).legs_hash
    others = (snapshot((24000.0,)), snapshot((24000.0, 24050.5)))
    assert all(chain.legs_hash != other.legs_hash for other in others)
    assert len(chain.legs_hash) == 16
