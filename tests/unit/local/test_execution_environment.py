"""The execution environment calls the handler as Lambda does."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.run.execution_environment import LocalContext, call_handler

LINE = json.dumps({"event": {"symbols": ["NIFTY"]}, "request_id": "one", "seconds": 150})


def test_the_handler_gets_the_event_and_a_context() -> None:
    calls: list[tuple[Mapping[str, Any], LocalContext]] = []
    assert call_handler(lambda event, context: calls.append((event, context)), LINE) == "{}"
    [(event, context)] = calls
    assert event == {"symbols": ["NIFTY"]}
    assert context.aws_request_id == "one"
    assert LocalContext("one", -1).get_remaining_time_in_millis() == 0
    assert 149_000 < context.get_remaining_time_in_millis() <= 150_000


def test_an_error_of_the_handler_becomes_the_answer(capfd: pytest.CaptureFixture[str]) -> None:
    def raises(event: Mapping[str, Any], context: LocalContext) -> None:
        raise KeyError(event["symbols"][0], context.aws_request_id)

    assert json.loads(call_handler(raises, LINE)) == {"error": "KeyError: ('NIFTY', 'one')"}
    assert "Traceback" in capfd.readouterr().err
