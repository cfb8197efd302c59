"""Run every part of the audit, or the one that is named."""

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
    """Return 1 where a part found something, or could not look though it had to."""
    parser = argparse.ArgumentParser(prog="python -m local.audit", description=__doc__)
    parser.add_argument("requirements", type=Path, help="every pin, as uv exports it")
    # CI has the services within reach; a developer's network need not.
    required = os.environ.get("AUDIT") == "required"
    given = parser.parse_args(arguments)
    parts: dict[str, Callable[[], Report]] = {
        "dependencies": lambda: dependencies(given.requirements),
        "secrets": secrets,
        "infrastructure": infrastructure,
    }
    # A list, so that one part's findings do not keep the next from looking.
    failed = [print_report(name, part(), required=required) for name, part in parts.items()]
    return int(any(failed))


if __name__ == "__main__":
    sys.exit(main())
