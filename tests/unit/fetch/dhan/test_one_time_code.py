"""The code of six digits, by the numbers that RFC 6238 prints in its appendix B."""

from base64 import b32encode
from datetime import UTC, datetime

import pytest

from chain_fetch.dhan.one_time_code import one_time_code

SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_code_is_that_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    written = SECRET.lower(), " ".join([SECRET[:4], SECRET[4:]])
    assert {one_time_code(secret, now) for secret in (SECRET, *written)} == {code}


def test_a_short_secret_has_a_code_too() -> None:
    """Of 80 bits, as many vendors print them, and without the padding of base32."""
    now = datetime.fromtimestamp(59, UTC)
    assert [len(one_time_code(secret, now)) for secret in ("JBSWY3DPEHPK3PXP", "JBSWY3DPEE")] == [
        6,
        6,
    ]


@pytest.mark.parametrize("secret", ["", "no base32!", "1", "A"])
def test_a_secret_that_is_no_base32_text_is_told(secret: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (base64 has several texts)
        one_time_code(secret, datetime.fromtimestamp(59, UTC))
