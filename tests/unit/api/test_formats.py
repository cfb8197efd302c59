"""The format of an answer by the request, and the text of instants."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.json_types import JSON_OPTIONS
from chain_api.rendering.formats import MEDIA_TYPES, Format, format_of, instant_text


@pytest.mark.parametrize("named", MEDIA_TYPES)
@pytest.mark.parametrize("accept", ["", "application/json", "text/csv", "*/*;q=0"])
def test_a_named_format_has_precedence_over_accept(named: Format, accept: str) -> None:
    assert format_of(named, accept) == named


@pytest.mark.parametrize(("accept", "form"), [
    ("", "json"), ("*/*", "json"), ("application/json", "json"), ("image/png", "json"),
    ("text/csv", "csv"), ("TEXT/CSV", "csv"), ("text/csv;charset=utf-8", "csv"),
    ("application/x-ndjson", "ndjson"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
    # The highest quality.
    ("text/csv;q=0.4, application/json;q=0.5", "json"),
    ("application/json;q=0.4, text/csv;q=0.5", "csv"),
    ("application/json ; q=0.4 ,text/csv ; q=0.5", "csv"),
    ("text/csv;q=0.5, */*;q=0.8", "json"),
    ("text/csv;q=0, */*", "json"),
    ("application/json;q=0, */*;q=0.1", "csv"),
    ("application/x-ndjson;q=0, */*;q=0.001", "json"),
    ("application/json;q=0.1, application/x-ndjson;header=no;q=0.2", "ndjson"),
    # At equal quality the more exact type, then JSON.
    ("text/csv, */*", "csv"), ("*/*, text/csv", "csv"), ("text/csv, application/json", "json"),
    ("text/*", "csv"), ("application/*", "json"),
    # Parts that cannot be read are ignored.
    ("text/csv;q=x", "json"), ("text/csv;q=", "json"), ("text/csv;q=nan", "json"),
    ("text/csv;q=-1", "json"), (",;,=;q", "json"),
])  # fmt: skip
def test_the_format_is_the_accepted_one_of_highest_quality(accept: str, form: str) -> None:
    assert format_of(None, accept) == form


@given(accept=st.text())
def test_no_header_is_an_error(accept: str) -> None:
    assert format_of(None, accept) in MEDIA_TYPES


@given(instant=st.datetimes(timezones=st.just(UTC)))
def test_instants_in_headers_are_written_as_in_bodies(instant: datetime) -> None:
    assert orjson.dumps(instant, option=JSON_OPTIONS).decode() == f'"{instant_text(instant)}"'
