"""What a preflight asks a real mongod, a closed port and bad URIs."""

from datetime import date

import pytest

from local.mongod import Mongod, free_port
from local.preflight.__main__ import database_findings
from local.preflight.database import archive_days, compression, ping
from local.preflight.observations import ArchiveDays
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.compressed_collections import Compression
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import SecretStr
from optionchain.symbol_list import ListedSymbol, SymbolList
from tests.support.mongomock_database import AnyDatabase
from tests.support.seals import record, seal


@pytest.mark.time_limits
@pytest.mark.parametrize(
    ("uri", "result"),
    [
        ("{mongod}", "answers"),
        ("mongodb://nobody:hush@{mongod.host}", "refused"),
        ("mongodb://127.0.0.1:{port}/", "unreachable"),
        ("nonsense", "invalid"),
        ("mongodb://u:p/w@h/", "invalid"),
        ("mongodb://u:p@h:99999/", "invalid"),
    ],
)
def test_a_ping_tells_what_is_wrong(mongod: Mongod, uri: str, result: str) -> None:
    host = mongod.uri.removeprefix("mongodb://")
    uri = uri.replace("{mongod.host}", host).replace("{mongod}", mongod.uri)
    assert ping(SecretStr(uri.replace("{port}", str(free_port())))) == result


@pytest.mark.time_limits
def test_it_tells_how_collections_are_stored(shared_database: AnyDatabase) -> None:
    host, port = shared_database.client.address or ("", 0)
    uri = SecretStr(f"mongodb://{host}:{port}/?directConnection=true")
    found = compression(uri, shared_database.name)
    assert found == dict.fromkeys(
        ("option_chain", "snapshots", "ticks"), Compression("zstd", "zstd")
    )
    assert compression(uri, "nothing_yet") == dict.fromkeys(found)
    assert compression(SecretStr(f"mongodb://127.0.0.1:{free_port()}/"), "nothing_yet") is None
    assert compression(SecretStr("nonsense"), "nothing_yet") is None


def test_it_tells_which_past_days_are_not_sealed(database: AnyDatabase, mongod: Mongod) -> None:
    friday, monday = date(2026, 6, 19), date(2026, 6, 22)
    record(database, "NIFTY", friday, monday)
    record(database, "M&M", friday)
    SealRegister(database).write(seal("NIFTY", friday))
    uri = SecretStr(mongod.uri)
    found = archive_days(uri, database.name, monday)
    assert found == ArchiveDays(1, ("M&M 2026-06-19",), 0, ())
    assert archive_days(SecretStr("nonsense"), database.name, monday) is None


def test_the_list_of_the_database_says_how_many_symbols_the_budget_has_to_carry(
    database: AnyDatabase, mongod: Mongod
) -> None:
    day = date(2026, 6, 19)
    listed = {name: ListedSymbol(name, "stock", day) for name in ("SBIN", "TCS")}
    SymbolListRegister(database).write(SymbolList(day, midnight_utc(day), "nse", listed))
    parameters = {"MongoDatabase": database.name, "Symbols": "ALL", "Archive": "false"}
    findings = list(database_findings(SecretStr(mongod.uri), parameters))
    assert [each.text for each in findings if each.subject == "budget"] == [
        "nse: 2 symbols x 2 nearest expiries each 5 s, and 2 further in rotation; 15 fit"
    ]
    named = list(database_findings(SecretStr(mongod.uri), parameters | {"Symbols": "SBIN"}))
    assert len(named) == len(findings) - 1
