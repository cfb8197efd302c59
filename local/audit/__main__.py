"""Run every part of the audit."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from local.audit.advisories import dependencies
from local.audit.forgotten_secrets import secrets
from local.audit.infrastructure import infrastructure
from local.audit.report import Report, print_report


def main(arguments: list[str] | None = None) -> int:
    """Return 1 where a part found something, or could not run although AUDIT=required."""
    parser = argparse.ArgumentParser(prog="python -m local.audit", description=__doc__)
    parser.add_argument("requirements", type=Path, help="every pin, as uv exports it")
    # CI reaches the services; a developer's network may not.
    required = os.environ.get("AUDIT") == "required"
    given = parser.parse_args(arguments)
    parts: dict[str, Callable[[], Report]] = {
        "dependencies": lambda: dependencies(given.requirements),
        "secrets": secrets,
        "infrastructure": infrastructure,
    }
    # A list and not a generator, so that every part runs.
    failed = [print_report(name, part(), required=required) for name, part in parts.items()]
    return int(any(failed))


if __name__ == "__main__":
    sys.exit(main())
