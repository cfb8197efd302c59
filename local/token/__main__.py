"""`make token SOURCE=upstox|dhan`: get the token of a vendor, check it, and keep it.

Environment: SECRET, the ARN of the secret to keep it in, else a file in DATA_DIR that `make run`
reads; SOURCE_URLS, other addresses of the vendors. Exit code: 0 where the token is kept, 1 where it
cannot be used or kept, 2 for a bad setting.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from chain_fetch.source_settings import check_hosts
from local.terminal import FAILED, UNUSABLE, print_error, print_line
from local.token.dhan import DHAN
from local.token.keeping import NotKept, keep_in_file, keep_in_secret
from local.token.prompt import ask_person
from local.token.upstox import UPSTOX
from local.token.vendor import Question, Values, Vendor, Verdict
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

VENDORS = {each.name: each for each in (UPSTOX, DHAN)}
_COMMAND = "make token"

type Ask = Callable[[Question], str]


def main(env: Mapping[str, str], ask: Ask, now: datetime) -> int:
    """Walk a person through it; return the exit code."""
    name = env.get("SOURCE", "").strip()
    if name not in VENDORS:
        names = " or ".join(f"SOURCE={each}" for each in VENDORS)
        print_error(_COMMAND, ValueError(f"give {names}; nse needs no token"))
        return UNUSABLE
    vendor = VENDORS[name]
    try:
        settings = Settings.from_env(env)
        check_hosts(settings)
    except SettingInvalid as error:
        print_error(_COMMAND, error)
        return UNUSABLE
    print_line(vendor.steps)
    origin = settings.source_urls.get(vendor.host, vendor.origin)
    return _get(vendor, origin, env, ask, now)


def _get(vendor: Vendor, origin: str, env: Mapping[str, str], ask: Ask, now: datetime) -> int:
    try:
        values = _values(vendor, ask)
    except (EOFError, KeyboardInterrupt):
        values = None
    if values is None:
        print_line("\nNothing was given, and nothing is changed.")
        return FAILED
    for verdict in _verdicts(vendor, values, origin, now):
        print_line(f"{'ok     ' if verdict.usable else 'REFUSED'} {verdict.text}.")
        if not verdict.usable:
            print_line("It is not kept, and nothing is changed.")
            return FAILED
    try:
        print_line(_kept(vendor, values, env))
    except (NotKept, SettingInvalid) as error:
        print_error(_COMMAND, error)
        return FAILED
    return 0


def _verdicts(vendor: Vendor, values: Values, origin: str, now: datetime) -> Iterator[Verdict]:
    """Yield what the values say of themselves, and then what the vendor says of them."""
    yield vendor.judge(values, now)
    yield vendor.check(values, origin)


def _values(vendor: Vendor, ask: Ask) -> Values | None:
    """Return the answers to all questions; None if a needed one is empty."""
    answers = {}
    for question in vendor.questions:
        if answer := ask(question):
            answers[question.name] = answer
        elif not question.optional:
            return None
    return answers


def _kept(vendor: Vendor, values: Values, env: Mapping[str, str]) -> str:
    if arn := env.get("SECRET", "").strip():
        keep_in_secret(arn, vendor.name, values)
        return "Kept in the secret. A recorder that reads it uses it within five minutes."
    folder = Path(env.get("DATA_DIR", "").strip() or ".local")
    path = keep_in_file(folder, vendor.name, values)
    return f"Kept in {path}, which git ignores. Next: make run SOURCE={vendor.name}"


if __name__ == "__main__":
    sys.exit(main(os.environ, ask_person, datetime.now(UTC)))
