"""Where the URI of MongoDB comes from: a setting, or a secret that may change."""

import re

from optionchain.aws_secret import ARN_PATTERN, HIDDEN, read_secret
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

_ARN_SETTING = "MONGODB_SECRET_ARN"
# The name or the ARN of a secret. A URI does not match: it would be shown in a log.
_SECRET_ID = re.compile(rf"{ARN_PATTERN}|[\w/+=.@-]+", re.ASCII)


def uri_of(settings: Settings) -> str:
    """Return the URI; each call reads the secret again. Raises SettingInvalid."""
    if settings.mongodb_uri is not None:
        return settings.mongodb_uri.get_secret_value()
    if settings.mongodb_secret_arn is None:
        raise SettingInvalid(
            "MONGODB_URI", None, f"must be a mongodb:// URI, or set {_ARN_SETTING}"
        )
    arn = settings.mongodb_secret_arn
    if not _SECRET_ID.fullmatch(arn):
        raise SettingInvalid(_ARN_SETTING, HIDDEN, "must be the ARN of a secret")
    return read_secret(_ARN_SETTING, arn, shown=arn).text


def uri_invalid(settings: Settings, allowed: str) -> SettingInvalid:
    """Return the error of an unusable URI: it names the setting, but does not show the URI."""
    if settings.mongodb_uri is None and settings.mongodb_secret_arn is not None:
        return SettingInvalid(_ARN_SETTING, settings.mongodb_secret_arn, f"its secret {allowed}")
    return SettingInvalid("MONGODB_URI", HIDDEN, allowed)
