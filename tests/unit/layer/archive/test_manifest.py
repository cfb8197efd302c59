"""The manifest of a day is checked wholly before it is believed, and any tool can read it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_archive.parquet_writer import write_rows
from optionchain.archive.columns import COLUMNS
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import FILE_KINDS, file_key, manifest_key
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.errors import ArchiveDamaged
from optionchain.recorder_stops import DayOrigin, Stop
from tests.support.manifests import manifest_of

DAY = date(2026, 11, 27)
KEY = manifest_key("M&M", DAY)
MANIFEST = manifest_of("M&M", DAY)
NUMBERS = st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False)
JSON = st.recursive(
    st.none() | NUMBERS | st.text(max_size=9),
    lambda each: st.lists(each) | st.dictionaries(st.text(max_size=9), each),
    max_leaves=9,
)


def members() -> dict[str, Any]:
    """Return the members of a manifest's JSON."""
    found: dict[str, Any] = orjson.loads(MANIFEST.to_json())
    return found


def read(changed: object) -> Manifest:
    """Read a manifest of these members."""
    return Manifest.from_json(orjson.dumps(changed), KEY)


def test_manifest_comes_back_as_it_was() -> None:
    assert Manifest.from_json(MANIFEST.to_json(), KEY) == MANIFEST
    assert Manifest.from_json(MANIFEST.to_json(), KEY).symbol == "M&M"


def test_a_manifest_says_what_its_day_brings_along() -> None:
    """Those of earlier releases have neither a database nor stops."""
    noon = datetime(2026, 11, 27, 6, 30, 0, 250_000, UTC)
    stops = (Stop(noon, noon + timedelta(hours=1)), Stop(noon + timedelta(hours=2), None))
    sealed = replace(MANIFEST, database="d1", stops=stops)
    found = Manifest.from_json(sealed.to_json(), KEY)
    assert (found, found.origin) == (sealed, DayOrigin("d1", stops))
    assert Manifest.from_json(replace(sealed, stops=()).to_json(), KEY).stops == ()
    earlier = members()
    del earlier["database"], earlier["stops"]
    assert read(earlier).stops is None
    assert read(earlier).origin == DayOrigin(None, ())


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("none", "stops is not a list"),
        ({}, "stops is not a list"),
        (["2026-11-27"], "stops is no JSON object"),
        ([{}], "stops.since is not an instant"),
        ([{"since": "2026-11-27T10:45:00"}], "stops.since is not an instant"),
        ([{"since": "2026-11-27T10:45:00Z", "until": 1}], "stops.until is not an instant"),
    ],
)
def test_stops_that_are_none_are_named(value: object, wrong: str) -> None:
    with pytest.raises(ArchiveDamaged, match=f"{KEY} is no manifest: its member {wrong}"):
        read(members() | {"stops": value})


def test_members_of_a_later_release_are_ignored() -> None:
    changed = members() | {"signature": "x"}
    changed["files"]["contracts"] |= {"row_groups": 7}
    changed["files"]["surfaces"] = {"key": "elsewhere"}
    assert read(changed) == MANIFEST


def test_later_schema_is_refused_with_words_what_to_do() -> None:
    with pytest.raises(ArchiveDamaged, match="schema version 2, and this release reads 1: read"):
        read(members() | {"schema_version": 2})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema_version", "1"),
        ("schema_version", None),
        ("symbol", "NIFTY"),
        ("day", "2026-11-26"),
        ("version", 0),
        ("version", 1.5),
        ("version", True),
        ("sealed_at", "yesterday"),
        ("sealed_at", "2026-11-27T10:45:00"),
        ("sources", "nse"),
        ("sources", [1]),
        ("expiries", ["30-Jan-2025"]),
        ("expiries", [20250130]),
        ("files", []),
        ("files.records", None),
        ("files.contracts.key", "manifests/M_M/2026-11-27.json"),
        ("files.contracts.key", "files/M_M/2026-11-26/contracts-3f9a.parquet"),
        ("files.contracts.key", "files/M_M/2026-11-27/../2026-11-26/a.parquet"),
        ("files.contracts.size", -1),
        ("files.contracts.rows", -1),
        ("files.contracts.rows", 2**60),
        ("files.contracts.sha256", "3f9a"),
        ("files.contracts.sha256", "Z" * 64),
        ("files.contracts.columns", {"strike_price": 1}),
        ("files.contracts.columns", []),
    ],
)
def test_whatever_is_wrong_is_named(path: str, value: object) -> None:
    changed = members()
    *folders, name = path.split(".")
    within = changed
    for folder in folders:
        within = within[folder]
    within[name] = value
    with pytest.raises(ArchiveDamaged, match=f"{KEY} is no manifest: its member {path} "):
        read(changed)
    del within[name]
    with pytest.raises(ArchiveDamaged, match=KEY):
        read(changed)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", MANIFEST.to_json()[:-9]])
def test_half_a_manifest_is_none(data: bytes) -> None:
    with pytest.raises(ArchiveDamaged, match=KEY):
        Manifest.from_json(data, KEY)


@given(JSON, st.sampled_from(["", *members(), "files.ticks", "files.ticks.key"]))
def test_no_json_raises_anything_else(value: object, path: str) -> None:
    changed = members()
    *folders, name = path.split(".")
    within = changed
    for folder in folders:
        within = within[folder]
    within[name] = value
    try:
        found = read(changed)
    except ArchiveDamaged:
        return
    assert (found.symbol, found.day) == ("M&M", DAY)


def test_duckdb_reads_the_files_that_manifests_name(tmp_path: Path) -> None:
    """As a user does it who has nothing but SQL."""
    store = FolderStore(tmp_path / "archive")
    for number, symbol in enumerate(("M&M", "NIFTY")):
        files = {}
        for kind in FILE_KINDS:
            row = dict.fromkeys(COLUMNS[kind])
            rows = [row | {"symbol": symbol} if "symbol" in row else row] * (number + 1)
            write_rows(tmp_path / kind, kind, rows)
            key = file_key(symbol, DAY, kind, "3f9a" * 16)
            store.upload(key, tmp_path / kind)
            files[kind] = ArchivedFile(key, (tmp_path / kind).stat().st_size, "3f9a" * 16, 1, {})
        manifest = replace(MANIFEST, symbol=symbol, files=files)
        store.replace(manifest_key(symbol, DAY), manifest.to_json(), None)
    sql = f"""
        SET VARIABLE files = (
            SELECT list('{store.url}/' || files.contracts.key)
            FROM read_json('{store.url}/manifests/*/*.json')
            WHERE day BETWEEN '2026-11-01' AND '2026-11-30'
        );
        SELECT symbol, count(*) FROM read_parquet(getvariable('files')) GROUP BY 1 ORDER BY 1
    """
    assert duckdb.connect().execute(sql).fetchall() == [("M&M", 1), ("NIFTY", 2)]
