"""Variables that look like settings and are none."""

import pytest

from optionchain.misspelt_settings import SETTINGS, misspelt_settings, misspelt_text


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("NSE_SYMBOL", "NSE_SYMBOLS"),
        ("nse_symbols", "NSE_SYMBOLS"),
        ("NSE_FETCHINTERVAL", "NSE_FETCH_INTERVAL"),
        ("MONGODB_URL", "MONGODB_URI"),
        ("RETENTION_DAY", "RETENTION_DAYS"),
        ("ARCHIVE_URI", "ARCHIVE_URL"),
        ("MARKET_HOUR", "MARKET_HOURS"),
        ("NSE_WHATEVER", None),
        ("DHAN_CLIENT_ID", None),
    ],
)
def test_a_variable_like_a_setting_is_told_with_the_nearest_right_name(
    name: str, near: str | None
) -> None:
    assert misspelt_settings([name, "PATH"]) == {name: near}
    told = f"did you mean {near}?" if near else "changes nothing"
    assert misspelt_text(name, near).endswith(told)


def test_right_names_and_those_of_others_are_not_told() -> None:
    foreign = ["SOURCE_DATE_EPOCH", "LOG_DIR", "CROSS_COMPILE", "MARKET", "PATH", "PORT"]
    assert misspelt_settings([*SETTINGS, *foreign]) == {}


def test_what_is_given_to_this_software_alone_is_right_or_told() -> None:
    found = misspelt_settings(["PATH"], others=["PORT"], given=["PROT", "WHATEVER", "PORT"])
    assert found == {"PROT": "PORT", "WHATEVER": None}
