"""Variables that look like settings and are none: a misspelt one would change nothing. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import fields

from optionchain.settings import Settings

# Variables that begin so are meant for this software; others with a prefix of its settings may be
# of somebody else (SOURCE_DATE_EPOCH), unless they are nearly the name of a setting.
_OURS = ("NSE_", "MONGODB_", "UPSTOX_", "DHAN_")
# So much of two names is the same if one of them is the other one misspelt; 1 is all.
_NEAR = 0.75

SETTINGS = tuple(each.name.upper() for each in fields(Settings))
"""The name of every setting."""


def misspelt_settings(
    names: Iterable[str], others: Collection[str] = (), given: Collection[str] = ()
) -> dict[str, str | None]:
    """Return the variables that are no setting and look like one, with the nearest right name.

    `names` are all variables, `others` the right names beside the settings. What is in `given` was
    given to this software alone, so it is a setting or a mistake, whatever it looks like.
    """
    known = (*SETTINGS, *others)
    prefixes = {f"{name.partition('_')[0]}_" for name in SETTINGS if "_" in name} | {*_OURS}
    found = {}
    for name in sorted({*names, *given} - set(known)):
        if name not in given and not name.upper().startswith(tuple(prefixes)):
            continue
        near = _nearest(name.upper(), known)
        if near or name in given or name.upper().startswith(_OURS):
            found[name] = near
    return found


def misspelt_text(name: str, near: str | None) -> str:
    """Return what a person should know of such a variable; its value may be a secret."""
    text = f"{name} is set, but it is no setting and changes nothing"
    return f"{text}; did you mean {near}?" if near else text


def _nearest(name: str, known: Iterable[str]) -> str | None:
    # Imported here because hardly any start needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    return next(iter(get_close_matches(name, known, 1, _NEAR)), None)
