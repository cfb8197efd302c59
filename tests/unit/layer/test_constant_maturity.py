"""A volatility of a constant time ahead lies between two expiries, in total variance."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optionchain.constant_maturity import AtmVolatility, constant_maturity_iv


@pytest.mark.parametrize(("found", "expected"), [
    ([(10, 20.0), (60, 20.0)], 20.0),
    ([(30, 17.5), (60, 99.0), (2, 80.0)], 17.5),
    ([(20, 10.0), (40, 20.0)], sqrt((10**2 * 20 + 20**2 * 40) / 2 / 30)),
    ([(40, 20.0), (20, 10.0), (5, 70.0), (90, 12.0)], sqrt((10**2 * 20 + 20**2 * 40) / 2 / 30)),
    ([(10, 20.0)], "no_expiry_around"),
    ([(31, 20.0), (60, 20.0)], "no_expiry_around"),
    ([(0, 20.0), (-1, 20.0), (60, 20.0)], "no_expiry_around"),
    ([(10, None), (60, 20.0)], "no_iv"),
    ([(10, 20.0), (60, None), (90, 20.0)], "no_iv"),
    ([], "no_expiry_around"),
])  # fmt: skip
def test_expiries_around_decide(
    found: list[tuple[float, float | None]], expected: float | str
) -> None:
    assert constant_maturity_iv(AtmVolatility(*each) for each in found) == (
        expected if isinstance(expected, str) else pytest.approx(expected)
    )


ivs = st.floats(0.1, 500)


@given(st.floats(0.01, 30), ivs, st.floats(30, 2_000), ivs)
def test_total_variance_lies_between_that_of_the_expiries(
    near: float, near_iv: float, far: float, far_iv: float
) -> None:
    found = constant_maturity_iv([AtmVolatility(near, near_iv), AtmVolatility(far, far_iv)])
    assert isinstance(found, float)
    bounds = sorted((near_iv**2 * near, far_iv**2 * far))
    assert bounds[0] * (1 - 1e-9) <= found**2 * 30 <= bounds[1] * (1 + 1e-9)
