"""What checks the page's scripts is pinned, from any registry, and knows the library they use."""

import json
import re

from tests.infrastructure.files import text_of

PINS = json.loads(text_of("local/javascript/package.json"))["devDependencies"]


def test_lock_names_versions_and_digests_but_no_registry() -> None:
    packages = json.loads(text_of("local/javascript/package-lock.json"))["packages"]
    assert packages.pop("")["devDependencies"] == PINS
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in PINS.values())
    assert all({"version", "integrity"} <= set(each) for each in packages.values())
    assert not any("resolved" in each for each in packages.values())


def test_types_are_of_the_chart_library_that_is_served() -> None:
    vendored = text_of("functions/api/chain_api/dashboard/vendor/uplot/README.md")
    assert vendored.startswith(f"# uPlot {PINS['uplot']}\n")
