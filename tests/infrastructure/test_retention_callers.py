"""Nobody tells MongoDB to let go what a recorder keeps until the archive has it."""

from pathlib import Path

from tests.conftest import ROOT

# The recorder and the archive function wait for the seal, the commands never shorten, and the
# examples have a database of their own.
CALLERS = {
    "functions/archive/chain_archive/dependencies.py": "wait.extra_days",
    "functions/fetch/chain_fetch/watch_wiring.py": "wait.extra_days",
    "local/database_for_past_days.py": "max(retention_days",
    "local/openapi/example_session.py": "RETENTION_DAYS",
}


def test_everybody_who_sets_the_retention_is_known_to_wait_or_not_to_shorten_it() -> None:
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for folder in ("functions", "local", "clients")
        for path in sorted(Path(ROOT / folder).rglob("*.py"))
    }
    found = {name for name, source in sources.items() if " Indexes(" in f" {source}"}
    assert found == CALLERS.keys()
    assert [name for name, how in CALLERS.items() if how not in sources[name]] == []
