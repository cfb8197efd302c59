"""`make soak` in short: real time, real processes, and everything that goes wrong.

A busy machine makes ticks late, so only `make soak` judges their lateness.
"""

import math
from collections.abc import Iterator

import pytest
from pymongo.database import Database

from local.mongod import MongodUnavailable
from optionchain.mongo.client import Document
from tests.soak import stored_bytes
from tests.soak.disturbances import EVERYTHING
from tests.soak.report import ReportRow, broken, table
from tests.soak.run_phase import run
from tests.soak.servers import SoakServers

SEED = 11
MINUTE = 8.0  # seconds: the recorder is invoked more often than once a minute
MOMENTS = 4


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoakServers]:
    try:
        with SoakServers(tmp_path_factory.mktemp("soak"), SEED) as servers:
            yield servers
    except MongodUnavailable as error:
        pytest.skip(str(error))


def number(rows: list[ReportRow], name: str) -> int:
    """Return the first number of a row."""
    (value,) = (row.value for row in rows if row.name.strip() == name)
    return int(value.partition(",")[0])


def test_every_promise_is_kept_while_everything_goes_wrong(servers: SoakServers) -> None:
    recorders = [servers.recorder(f"grid_{grid}", grid, MINUTE) for grid in (2, 5)]
    found, counts = run(servers, recorders, 20, EVERYTHING, lateness_limit=math.inf)
    assert broken(found) == [], table(counts, ["2 s", "5 s"], found)
    for rows in found:
        assert number(rows, "stored") > 0
        assert number(rows, "chains read whole, answers 503") > 0


def test_two_handlers_that_are_killed_at_random_repeat_no_tick(servers: SoakServers) -> None:
    """Only ticks of a killed handler may be missing; the other handler goes on."""
    rivals = [servers.recorder("rivals", 2)]
    found, counts = run(servers, rivals, 18, ["kill"], lateness_limit=math.inf)
    assert broken(found) == [], table(counts, ["2 s"], found)
    (rows,) = found
    assert number(rows, "stored") > 0
    assert number(rows, "invocations, of them killed") > 5


def test_a_session_takes_a_fifth_of_the_bytes_of_every_poll(database: Database[Document]) -> None:
    market, moments, _ = stored_bytes.session()
    measured = stored_bytes.measure(database, market, min(moments, MOMENTS))
    assert measured.ratio <= stored_bytes.LIMIT
