"""Where the URI of MongoDB comes from: a setting, or a secret that may change."""

import re

from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

_ARN_SETTING = "MONGODB_SECRET_ARN"
HIDDEN = "(hidden)"
# The name or the ARN of a secret. A URI does not match: it would be shown in a log.
_SECRET_ID = re.compile(r"arn:aws[a-z-]*:secretsmanager:[\w/+=.@:-]+|[\w/+=.@-]+", re.ASCII)
# With two attempts this ends long before API Gateway's time-out of 29 s.
_CONNECT_SECONDS = 1
_READ_SECONDS = 2


def uri_of(settings: Settings) -> str:
    """Return the URI; each call reads the secret again. Raises SettingInvalid."""
    if settings.mongodb_uri is not None:
        return settings.mongodb_uri.get_secret_value()
    if settings.mongodb_secret_arn is None:
        raise SettingInvalid(
            "MONGODB_URI", None, f"must be a mongodb:// URI, or set {_ARN_SETTING}"
        )
    return _secret(settings.mongodb_secret_arn)


def uri_invalid(settings: Settings, allowed: str) -> SettingInvalid:
    """Return the error of an unusable URI: it names the setting, but does not show the URI."""
    if settings.mongodb_uri is None and settings.mongodb_secret_arn is not None:
        return SettingInvalid(_ARN_SETTING, settings.mongodb_secret_arn, f"its secret {allowed}")
    return SettingInvalid("MONGODB_URI", HIDDEN, allowed)


def _secret(arn: str) -> str:
    # Imported here because boto3 is half of a cold start, and a given URI needs no secret.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    if not _SECRET_ID.fullmatch(arn):
        raise SettingInvalid(_ARN_SETTING, HIDDEN, "must be the ARN of a secret")
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": 2},
    )
    try:
        answer = boto3.client("secretsmanager", config=config).get_secret_value(SecretId=arn)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        allowed = f"must name a secret that has a value and that this function may read ({code})"
        raise SettingInvalid(_ARN_SETTING, arn, allowed) from error
    except BotoCoreError as error:
        raise SettingInvalid(_ARN_SETTING, arn, f"cannot be read now: {error}") from error
    # A binary secret has no SecretString; text from a file ends with a line break.
    return str(answer.get("SecretString", "")).strip()
