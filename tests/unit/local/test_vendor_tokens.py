"""Tokens of the simulated vendors: their kinds, their end, and how Dhan makes new ones."""

from datetime import UTC, datetime, timedelta

import pytest

from local.dhan_simulator import tokens as dhan
from local.nse_simulator.v3_format import IST
from local.upstox_simulator import tokens as upstox
from local.vendor_simulator.tokens import Algorithm, claims_of, sign
from local.vendor_simulator.vendor import VendorRefused

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


def code_of(refused: VendorRefused) -> str:
    body = refused.body
    return str(
        body.get("errorCode")
        or next(iter(body.get("data") or {}), None)
        or body["errors"][0]["error_code"]
    )


@pytest.mark.parametrize(
    ("token", "path", "code"),
    [
        (upstox.analytics_token(NOW), "/v2/option/chain", None),
        (upstox.ordinary_token(NOW), "/v2/option/chain", None),
        (upstox.ended_token(NOW), "/v2/option/chain", "UDAPI100050"),
        (upstox.orders_token(NOW), "/v2/option/chain", "UDAPI100067"),
        (upstox.analytics_token(NOW), upstox.PROFILE, "UDAPI1221"),
        (upstox.ordinary_token(NOW), upstox.PROFILE, None),
        ("garbage", "/v2/option/chain", "UDAPI100050"),
        (upstox.analytics_token(NOW)[:-2] + "xx", "/v2/option/chain", "UDAPI100050"),
    ],
)
def test_upstox_lets_each_kind_of_token_read_what_it_may(
    token: str, path: str, code: str | None
) -> None:
    headers = {"authorization": f"Bearer {token}"}
    if code is None:
        upstox.check_token(headers, path, NOW)
        return
    with pytest.raises(VendorRefused) as raised:
        upstox.check_token(headers, path, NOW)
    assert (raised.value.status, code_of(raised.value)) == (401, code)


@pytest.mark.parametrize(
    ("token", "ends", "extended"),
    [
        (upstox.analytics_token(NOW), datetime(2027, 11, 27, 3, 30, tzinfo=IST), True),
        (upstox.ordinary_token(NOW), datetime(2026, 11, 27, 3, 30, tzinfo=IST), None),
    ],
)
def test_a_token_of_upstox_says_when_it_ends(
    token: str, ends: datetime, extended: bool | None
) -> None:
    claims = claims_of(token) or {}
    assert claims["exp"] == ends.timestamp()
    assert claims.get("isExtended") is extended


def headers_of(token: str, client: str = dhan.CLIENT_ID) -> dict[str, str]:
    return {"access-token": token, "client-id": client}


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "DH-901"),
        (headers_of("garbage"), "DH-901"),
        (headers_of(dhan.ended_token(NOW)), "807"),
        (headers_of(dhan.orders_token(NOW)), "806"),
        (headers_of(dhan.token(NOW), "1"), "808"),
    ],
)
def test_dhan_refuses_what_is_no_token_for_data(headers: dict[str, str], code: str) -> None:
    with pytest.raises(VendorRefused) as raised:
        dhan.Tokens().check(headers, NOW)
    assert code_of(raised.value) == code


def test_a_renewed_token_of_dhan_is_another_one_and_the_old_one_is_dead() -> None:
    tokens, old = dhan.Tokens(), dhan.token(NOW)
    later = NOW + timedelta(hours=20)
    answer = tokens.renew(headers_of(old), later)
    assert tokens.check(headers_of(answer["accessToken"]), later)
    assert answer["expiryTime"] == "2026-11-28T08:00:00.000"
    with pytest.raises(VendorRefused, match="DH-901"):
        tokens.check(headers_of(old), later)


def test_a_token_that_a_program_has_made_cannot_be_renewed() -> None:
    with pytest.raises(VendorRefused, match="not allowed for this token type"):
        dhan.Tokens().renew(headers_of(dhan.token(NOW, "APP")), NOW)


def login(**other: str) -> dict[str, str]:
    known = {"dhanClientId": dhan.CLIENT_ID, "pin": dhan.PIN, "totp": dhan.one_time_code(NOW)}
    return known | other


def test_dhan_makes_a_token_for_pin_and_code_once_in_two_minutes() -> None:
    tokens = dhan.Tokens()
    made = tokens.generate(login(), NOW)
    claims = claims_of(made["accessToken"], "HS512") or {}
    assert (claims["tokenConsumerType"], claims["exp"] - claims["iat"]) == ("APP", 86_400)
    assert "every 2 minutes" in tokens.generate(login(), NOW)["message"]
    later = NOW + timedelta(minutes=2)
    again = tokens.generate(login(totp=dhan.one_time_code(later)), later)
    assert tokens.check(headers_of(again["accessToken"]), later)
    with pytest.raises(VendorRefused):
        tokens.check(headers_of(made["accessToken"]), later)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"pin": "1"}, "Invalid Pin"),
        ({"totp": "1"}, "Invalid TOTP"),
        ({"dhanClientId": "1"}, "Invalid Client ID"),
    ],
)
def test_a_wrong_login_at_dhan_is_no_error_of_http(wrong: dict[str, str], message: str) -> None:
    assert dhan.Tokens().generate(login(**wrong), NOW) == {"status": "error", "message": message}


def test_the_one_time_code_is_of_six_digits_and_holds_for_half_a_minute() -> None:
    codes = [dhan.one_time_code(NOW + timedelta(seconds=passed)) for passed in (0, 29, 30)]
    assert codes[0] == codes[1] != codes[2]
    assert all(len(code) == 6 and code.isdigit() for code in codes)


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_a_token_is_known_by_its_signature(algorithm: Algorithm) -> None:
    token = sign({"exp": 1}, algorithm)
    assert claims_of(token, algorithm) == {"exp": 1}
    assert token.count(".") == 2
    other = sign({"exp": 2}, algorithm)
    forged = f"{other.rpartition('.')[0]}.{token.rpartition('.')[2]}"
    assert claims_of(forged, algorithm) is None
