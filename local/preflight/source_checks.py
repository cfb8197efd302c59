"""The checks of the sources and their tokens. Pure; no text holds a token."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chain_fetch.sources import SOURCES
from chain_fetch.token_claims import dates_of
from chain_fetch.tokens.token_store import token_store
from local.preflight.finding import Finding, not_checked
from local.preflight.observations import AwsFailure, Secret
from local.token.vendor import Values, Verdict, in_india
from optionchain.errors import SettingInvalid
from optionchain.setting_values import names_of
from optionchain.settings import Settings

_SOURCES, _TOKENS = "sources", "tokens"
_CORRECT = "correct Source of the stage in samconfig.toml"


def sources_fit(parameters: Mapping[str, str]) -> Finding:
    """Check the names of the sources, and the parameters that depend on them."""
    text = parameters.get("Source", "nse")
    if text != text.strip() or " " in text or text != text.lower():
        told = f"Source is {text!r}: the template takes small letters and commas without spaces"
        return Finding("missing", _SOURCES, told, _CORRECT)
    try:
        names = names_of(text)
    except ValueError:
        names = (text,)
    if unknown := [name for name in names if name not in SOURCES]:
        told = f"there is no source {', '.join(unknown)}; there are {', '.join(SOURCES)}"
        return Finding("missing", _SOURCES, told, _CORRECT)
    if parameters.get("CrossCheck") == "true" and len(names) == 1:
        told = "CrossCheck compares two sources, and Source names one"
        return Finding("missing", _SOURCES, told, "Source=upstox,nse, or CrossCheck=false")
    if parameters.get("UpstoxQuotes") == "true" and "upstox" not in names:
        told = "UpstoxQuotes is set, and Source does not name upstox"
        return Finding("note", _SOURCES, told, "UpstoxQuotes=false")
    if names == ("nse",):
        told = "nse alone: the exchange's site often refuses addresses of clouds"
        remedy = "a vendor's token (docs/operations.md, Tokens), and Source=upstox,nse"
        return Finding("note", _SOURCES, told, remedy)
    return Finding("ok", _SOURCES, ", then ".join(names))


def secret_is_named(arn: str, names: Sequence[str]) -> Finding:
    """Check that sources which need a token have a secret; `names` are these sources."""
    needed = ", ".join(names)
    if arn:
        return Finding("ok", _TOKENS, f"those of {needed} are in a secret of their own")
    text = f"Source names {needed}, which needs a token, and SourceSecretArn names no secret"
    remedy = "docs/operations.md, Tokens, makes the secret; then SourceSecretArn of the stage"
    return Finding("missing", _TOKENS, text, remedy)


def tokens_in(
    secret: Secret | AwsFailure, names: Sequence[str]
) -> tuple[dict[str, Values], list[Finding]]:
    """Return the values of these sources, and what is wrong with those that are not there."""
    if isinstance(secret, AwsFailure):
        if secret.code == "ResourceNotFoundException":
            text = "there is no such secret in this region"
            return {}, [Finding("missing", _TOKENS, text, "correct SourceSecretArn of the stage")]
        return {}, [not_checked(_TOKENS, "secretsmanager:GetSecretValue", secret)]
    try:
        held = token_store(Settings(source_tokens=secret.uri)).read()
    except SettingInvalid:
        text = "the secret is no JSON object by source"
        return {}, [Finding("missing", _TOKENS, text, _put(names[0], secret.arn))]
    found = {
        name: values
        for name in names
        if (values := held.get(name, {})).get("access_token") or values.get("totp_secret")
    }
    lacking = [name for name in names if name not in found]
    return found, [
        Finding("missing", _TOKENS, f"the secret has no token of {name}", _put(name, secret.arn))
        for name in lacking
    ]


def token_holds(
    name: str, values: Values, arn: str, warns_before: timedelta, now: datetime
) -> Finding:
    """Check the end of a token, as it says."""
    ends = dates_of(values.get("access_token", "")).ends_at
    if values.get("totp_secret"):
        return Finding("ok", _TOKENS, f"the recorder makes those of {name} itself, by TOTP")
    if ends is None:
        text = f"the token of {name} does not say when it ends, so no warning can come"
        return Finding("note", _TOKENS, text, _put(name, arn))
    if ends <= now:
        text = f"the token of {name} ended on {in_india(ends)}"
        return Finding("missing", _TOKENS, text, _put(name, arn))
    text = f"the token of {name} ends on {in_india(ends)}"
    if ends - warns_before <= now:
        return Finding("note", _TOKENS, text, _put(name, arn))
    return Finding("ok", _TOKENS, text)


def token_answers(name: str, verdict: Verdict, arn: str) -> Finding:
    """Check what the vendor says of a token."""
    if verdict.usable:
        return Finding("ok", _TOKENS, verdict.text)
    return Finding("missing", _TOKENS, f"{name}: {verdict.text}", _put(name, arn))


def _put(name: str, arn: str) -> str:
    return f"make token SOURCE={name} SECRET={arn}"
