"""Before the opening the real recorder reads the lots, once for all environments."""

from datetime import date

from chain_fetch.handler import lambda_handler
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.server import Exchange
from optionchain.contract_terms import ContractTerms
from optionchain.mongo.client import open_database
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.settings import Settings
from tests.support.bhavcopies import bhavcopy, option
from tests.support.fakes import SimulatedClock
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase
from tests.support.nse_client import answering, http_answer
from tests.support.recorder import Context, recorder
from tests.support.settings import changed

# The first morning after the day of the made bhavcopy that has a session, a Budget Sunday.
FRIDAY, SUNDAY = date(2026, 1, 30), date(2026, 2, 1)
EXPIRY = date(2026, 2, 3)


def test_the_lot_is_known_before_the_first_tick(mongo_settings: Settings) -> None:
    with answering(lambda _target: http_answer(bhavcopy(option()))) as (port, asked):
        url = f"http://127.0.0.1:{port}"
        given = {"nse_base_url": url, "source_urls": {"nse-files": url}}
        for minute in ("09:00", "09:01"):
            clock = SimulatedClock(ist(SUNDAY, minute))
            with recorder(changed(mongo_settings, nse_symbols=("NIFTY",), **given), clock) as deps:
                assert lambda_handler({}, Context(), deps)["ticks"] == 0
    assert len([target for target in asked if "BhavCopy" in target]) == 1
    database = open_database(mongo_settings)
    (stored,) = ContractRegister(database).between(FRIDAY, SUNDAY)["NIFTY"]
    database.client.close()
    assert (stored.source, stored.day, stored.read_at) == ("bhavcopy", FRIDAY, ist(SUNDAY, "09:00"))
    assert stored.terms == {EXPIRY: ContractTerms(65)}


def test_in_a_session_the_lot_is_read_beside_the_ticks(
    mongo_settings: Settings, database: AnyDatabase
) -> None:
    """The simulated exchange has an archive too, of all days if it never closes."""
    with Exchange() as exchange:
        settings = changed(
            mongo_settings,
            nse_symbols=("NIFTY",),
            nse_fetch_interval=5,
            nse_base_url=exchange.url,
            source_urls={"nse-files": exchange.url},
            market_hours="always",
        )
        with recorder(settings) as deps:
            for _ in range(20):  # on a busy machine a tick has no time for another request
                lambda_handler({}, Context(seconds=11), deps)
                headers = list(database[SNAPSHOTS].find(sort=[("fetched_at", 1)]))
                if headers and headers[-1]["lot_size"]:
                    break
    assert headers[-1]["lot_size"] == INSTRUMENTS["NIFTY"].lot_of(headers[-1]["expiry"].date())
    known = [header["lot_size"] is not None for header in headers]
    assert known == sorted(known), "a lot that is known stays known"
    unknown = {header["lot_size_reason"] for header in headers if header["lot_size"] is None}
    assert unknown <= {"not_read"}
    asked = [request.path for request in exchange.requests if "BhavCopy" in request.path]
    assert len(asked) == 1
