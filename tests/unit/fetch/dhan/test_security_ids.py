"""An index has its id in the code, a share in Dhan's list, which is read once for all."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from chain_fetch.dhan.security_ids import DhanSecurityIds, UnknownUnderlying
from chain_fetch.refused import Refused
from optionchain.mongo.underlying_register import UnderlyingRegister
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock


class Scene:
    """Dhan's list, and environments that share a database."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(TICK)
        self.database = ShakyDatabase(memory_database())
        self.listed: dict[str, int] = {"M&M": 2031, "TCS": 11536}
        self.asked: list[Sequence[str]] = []
        self.fault: Refused | None = None

    def environment(self, *symbols: str) -> DhanSecurityIds:
        register = UnderlyingRegister(self.database, "dhan")
        return DhanSecurityIds(self._read, register, self.clock.now, lambda: symbols)

    def _read(self, symbols: Sequence[str], deadline: float) -> Mapping[str, int]:
        assert deadline == 9.0
        self.asked.append(symbols)
        if self.fault:
            raise self.fault
        return {symbol: self.listed[symbol] for symbol in symbols if symbol in self.listed}


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    ("symbol", "number"),
    [("NIFTY", 13), ("BANKNIFTY", 25), ("FINNIFTY", 27), ("MIDCPNIFTY", 442), ("NIFTYNXT50", 38)],
)
def test_the_ids_of_the_indices_need_no_list(scene: Scene, symbol: str, number: int) -> None:
    assert scene.environment().of(symbol, 9.0) == (number, "IDX_I")
    assert scene.asked == []


def test_a_share_is_looked_up_once_for_all_environments(scene: Scene) -> None:
    first = scene.environment()
    assert first.of("M&M", 9.0) == first.of("M&M", 9.0) == (2031, "NSE_EQ")
    assert scene.environment().of("M&M", 9.0) == (2031, "NSE_EQ")
    assert scene.asked == [["M&M"]]
    assert first.of("TCS", 9.0) == (11536, "NSE_EQ")
    assert scene.environment().of("M&M", 9.0) == (2031, "NSE_EQ")
    assert len(scene.asked) == 2


def test_all_shares_are_looked_up_in_one_reading(scene: Scene) -> None:
    ids = scene.environment("NIFTY", "M&M", "TCS", "NOSHARE")
    assert ids.of("TCS", 9.0) == (11536, "NSE_EQ")
    assert ids.of("M&M", 9.0) == (2031, "NSE_EQ")
    with pytest.raises(UnknownUnderlying, match="'NOSHARE'"):
        ids.of("NOSHARE", 9.0)
    assert scene.asked == [["M&M", "NOSHARE", "TCS"]]


def test_a_list_that_cannot_be_read_is_asked_for_once_for_all_shares(scene: Scene) -> None:
    ids, scene.fault = scene.environment("M&M", "TCS"), Refused("timeout", "too late")
    for symbol in ("M&M", "TCS", "M&M"):
        with pytest.raises(Refused, match="too late"):
            ids.of(symbol, 9.0)
    assert len(scene.asked) == 1


def test_what_the_daily_list_says_replaces_what_was_known(scene: Scene) -> None:
    ids = scene.environment()
    ids.learn({"M&M": 1})
    ids.learn({"M&M": 2, "TCS": 3})
    assert ids.of("M&M", 9.0) == scene.environment().of("M&M", 9.0) == (2, "NSE_EQ")
    assert scene.asked == []


def test_a_symbol_that_the_list_lacks_is_asked_for_once_a_minute(scene: Scene) -> None:
    ids = scene.environment()
    for _ in range(12):
        with pytest.raises(UnknownUnderlying, match="'NOSHARE' is no share"):
            ids.of("NOSHARE", 9.0)
        scene.clock.sleep(10)
    assert len(scene.asked) == 2


def test_a_list_that_cannot_be_read_says_so_for_a_minute(scene: Scene) -> None:
    ids, scene.fault = scene.environment(), Refused("timeout", "too late")
    for _ in range(3):
        with pytest.raises(Refused, match="too late"):
            ids.of("M&M", 9.0)
    assert len(scene.asked) == 1
    scene.fault = None
    scene.clock.sleep(timedelta(minutes=1).total_seconds())
    assert ids.of("M&M", 9.0) == (2031, "NSE_EQ")


def test_without_the_database_each_environment_reads_the_list(scene: Scene) -> None:
    scene.database.away = True
    for _ in range(2):
        assert scene.environment().of("M&M", 9.0) == (2031, "NSE_EQ")
    assert len(scene.asked) == 2
