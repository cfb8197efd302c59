"""The public surface, frozen: what other people's programs and deployments rely on.

`public_surface.json` holds it as it was recorded. A difference is a change that users see: it is
made on purpose, with a line in the changelog, or not at all. The OpenAPI document, its examples and
the events have tests of their own.
"""

import json
from dataclasses import fields
from pkgutil import resolve_name
from typing import Any

from optionchain.mongo.holiday_register import CALENDAR
from optionchain.mongo.indexes import indexes
from optionchain.mongo.recorder_switch import CONTROL
from optionchain.mongo.restored_days import RESTORED_DAYS
from optionchain.mongo.source_register import SOURCE
from optionchain.mongo.underlying_register import UNDERLYINGS
from optionchain.settings import Settings
from tests.infrastructure.files import text_of

RECORDED: dict[str, Any] = json.loads(text_of("tests/infrastructure/public_surface.json"))


def test_handler_paths_are_those_that_deployments_name() -> None:
    assert all(callable(resolve_name(path)) for path in RECORDED["handlers"])


def test_settings_have_their_names_and_defaults() -> None:
    found = {each.name.upper(): repr(getattr(Settings(), each.name)) for each in fields(Settings)}
    assert found == RECORDED["settings"]


def test_collections_have_their_names_and_indexes() -> None:
    found = [
        [index.collection, [list(key) for key in index.keys], index.unique, index.ttl_seconds]
        for index in indexes(30)
    ]
    assert found == RECORDED["indexes"]
    assert RECORDED["collections_without_indexes"] == [
        CONTROL,
        CALENDAR,
        SOURCE,
        UNDERLYINGS,
        RESTORED_DAYS,
    ]
