"""What the runbooks call an alarm: those of groups and of tiers have one row each."""

import re


def runbook_name(alarm: str) -> str:
    """Return the name in a runbook of an alarm's name without its stack's.

    The name may be of the template, where that of a tier is a variable.
    """
    name = re.sub(r"^no-good-tick-\d$", "no-good-tick-N", alarm)
    return re.sub(r"^tick-failures-.+", "tick-failures-TIER", name)
