"""Before the opening the real recorder reads the lots, once for all environments."""

from datetime import date

from chain_fetch.handler import lambda_handler
from optionchain.contract_terms import ContractTerms
from optionchain.mongo.client import open_database
from optionchain.mongo.contract_register import ContractRegister
from optionchain.settings import Settings
from tests.support.bhavcopies import bhavcopy, option
from tests.support.fakes import SimulatedClock
from tests.support.histories import ist
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
