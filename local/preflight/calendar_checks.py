"""The checks of the calendar. Pure: from observations to findings."""

from datetime import date

from local.preflight.finding import Finding
from local.preflight.observations import Stage
from optionchain.announced_days import SHIPPED_HOLIDAYS
from optionchain.setting_values import SPECIAL_HOURS, special_sessions_of


def sessions_fit(stage: Stage) -> Finding:
    """Check the hours of the special sessions, and that those of one date are apart."""
    text = stage.overrides.get("SpecialSessions", "").strip()
    if not text:
        return Finding("ok", "sessions", "no special session is set")
    try:
        days = special_sessions_of(text)
    except ValueError as error:
        remedy = f"correct SpecialSessions of the stage; the hours are {SPECIAL_HOURS} IST"
        return Finding("missing", "sessions", f"SpecialSessions: {error}", remedy)
    return Finding("ok", "sessions", f"special ones on {', '.join(map(str, days))}")


def holidays_known(today: date) -> Finding:
    """Check whether the holidays of this year are shipped."""
    if today.year in SHIPPED_HOLIDAYS:
        return Finding("ok", "holidays", f"those of {today.year} are shipped")
    text = f"none of {today.year} are shipped: weekdays are open until the exchange's list is read"
    return Finding("note", "holidays", text, "`/pipeline/status` says whose list is in force")
