"""What the tests of the client share."""

from collections.abc import Iterator

import pytest

from local.mongod import Mongod
from tests.support.recorded_week import RecordedWeek, recorded_week


@pytest.fixture(scope="package")
def recorded(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedWeek]:
    with recorded_week(mongod.uri, tmp_path_factory.mktemp("archive")) as found:
        yield found
