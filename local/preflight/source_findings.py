"""Looks at the sources of a deployment, their secret, and what the vendors say of their tokens."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from chain_fetch.source_settings import check_hosts
from chain_fetch.sources import source_modules
from local.preflight import account, source_checks
from local.preflight.finding import Finding
from local.token.dhan import DHAN
from local.token.upstox import UPSTOX
from local.token.vendor import ended
from optionchain.setting_values import names_of
from optionchain.settings import Settings

_VENDORS = {each.name: each for each in (UPSTOX, DHAN)}


def token_findings(
    parameters: Mapping[str, str],
    make_client: account.ClientFactory,
    env: Mapping[str, str] = os.environ,
) -> Iterator[Finding]:
    """Check the tokens of the sources that need one; nothing is found where none does.

    `parameters` are those of the deployment. SOURCE_URLS in `env` has other addresses of vendors.
    """
    if source_checks.sources_fit(parameters).level == "missing":
        return  # it is told with the machine's findings
    needed = _warnings_by_name(parameters)
    if not needed:
        return
    arn = parameters.get("SourceSecretArn", "")
    yield source_checks.secret_is_named(arn, list(needed))
    if not arn:
        return
    found = account.secret(make_client, arn)
    held, lacking = source_checks.tokens_in(found, list(needed))
    yield from lacking
    settings = Settings.from_env({"SOURCE_URLS": env.get("SOURCE_URLS", "")})
    check_hosts(settings)
    urls = settings.source_urls
    now = datetime.now(UTC)
    for name, values in held.items():
        yield source_checks.token_holds(name, values, arn, needed[name], now)
        vendor = _VENDORS.get(name)
        # A token that has ended is not sent; the recorder may make another one.
        if vendor and values.get("access_token") and not ended(values, now):
            verdict = vendor.check(values, urls.get(vendor.host, vendor.origin))
            yield source_checks.token_answers(name, verdict, arn)


def _warnings_by_name(parameters: Mapping[str, str]) -> dict[str, timedelta]:
    """Return the sources that need a token, and how long before its end a warning is due."""
    modules = source_modules(names_of(parameters.get("Source", "nse")))
    terms = {name: module.terms(Settings()) for name, module in modules.items()}
    return {name: each.warns_before for name, each in terms.items() if each.warns_before}
