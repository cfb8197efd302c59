"""The values that parameters of a request may have."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chain_api.parameters.columns import METRICS, names_of
from chain_api.parameters.types import contract_name, expiry_choice, expiry_of, flag_of, symbol_name
from chain_api.schemas import FilterRequest
from optionchain.exchange_time import expiry_text


@pytest.mark.parametrize(
    ("text", "symbol"),
    [("nifty", "NIFTY"), (" M&m ", "M&M"), ("bajaj-AUTO", "BAJAJ-AUTO"), ("360one", "360ONE")],
)
def test_symbol_is_read_in_any_case(text: str, symbol: str) -> None:
    assert symbol_name(text) == symbol


@pytest.mark.parametrize("text", [
    "", " ", "A" * 21, "$where", "A B", "A\x00", "NIFTY\nX", "é", "n\u0131fty",
])  # fmt: skip
def test_any_other_symbol_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="up to 20 letters, digits, & and -"):
        symbol_name(text)


@pytest.mark.parametrize("name", ["limit", "offset", "strikes_around_atm", "strike_price_min"])
def test_number_of_a_filter_is_a_number_of_json(name: str) -> None:
    """5.0 is an integer, true and "5" are not, as the OpenAPI document says."""
    assert getattr(FilterRequest.model_validate({"symbol": "NIFTY", name: 5.0}), name) == 5
    for value in (True, "5"):
        with pytest.raises(ValidationError):
            FilterRequest.model_validate({"symbol": "NIFTY", name: value})


@given(day=st.dates())
def test_expiry_is_read_as_the_exchange_or_iso_writes_it(day: date) -> None:
    text = expiry_text(day)
    found = [expiry_of(each) for each in (text, text.upper(), text.lower(), day.isoformat())]
    assert found == [day] * 4


@pytest.mark.parametrize("text", [
    "8-Dec-2026", "08Dec2026", "8dec2026", "8 DECEMBER 2026", " 8-decem-2026 ", "2026-12-8",
])  # fmt: skip
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert expiry_of(text) == date(2026, 12, 8)
    assert expiry_choice(text) == "08-Dec-2026"
    assert contract_name(f" nifty_ce_24350.50_{text.strip()}") == "NIFTY_CE_24350.5_08-Dec-2026"


@pytest.mark.parametrize("text", [
    "", "tomorrow", "30-Feb-2026", "2026-02-30", "30-01-2025", "01/30/2025", "20250130",
    "2025-W05-4", "2025-01-30T00:00:00", "30-J-2025", "30-Ju-2025", "30-Jan 2025", "30-Jan-25",
    "0-Jan-2025", "2025-13-01", "30-\u017Fep-2025", "\u0663\u0660-Jan-2025", "2025-01-3\u0966",
])  # fmt: skip
def test_any_other_form_of_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="like 30-Jan-2025 or 2025-01-30"):
        expiry_of(text)


@given(text=st.text())
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    for read in (symbol_name, expiry_of, flag_of):
        try:
            read(text)
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("value", "flag"), [("true", True), ("FALSE", False), (" True ", True), (True, True)]
)
def test_a_flag_is_read_in_any_case(value: object, flag: bool) -> None:
    assert flag_of(value) is flag
    assert flag_of(str(flag).lower()) is flag


@pytest.mark.parametrize("value", ["", "T", "1", "yes", "on", "true,", 1, None])
def test_any_other_form_of_a_flag_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be true or false"):
        flag_of(value)


@given(names=st.lists(st.sampled_from(METRICS), min_size=1))
def test_names_are_read_once_and_in_their_order(names: list[str]) -> None:
    text = " , ".join(names)
    assert names_of(text, METRICS, "metrics").split(",") == list(dict.fromkeys(names))


@given(text=st.text(alphabet="pcr_oi, metrics"))
def test_unknown_names_are_refused(text: str) -> None:
    if all(part.strip(" ") in METRICS for part in text.split(",")):
        return
    with pytest.raises(ValueError, match="metrics are names, separated by commas, of under"):
        names_of(text, METRICS, "metrics")
