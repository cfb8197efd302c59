"""A secret of AWS Secrets Manager: read, and replaced if nobody else has replaced it meanwhile."""

import re
import uuid
from typing import Any, NamedTuple

from optionchain.errors import SettingInvalid

HIDDEN = "(hidden)"
ARN_PATTERN = r"arn:aws[a-z-]*:secretsmanager:[\w/+=.@:-]+"
EXISTS_ALREADY = "ResourceExistsException"
# With two attempts this ends long before API Gateway's time-out of 29 s.
_CONNECT_SECONDS = 1
_READ_SECONDS = 2


class SecretText(NamedTuple):
    """The text of a secret, and the version that it is of."""

    text: str
    version: str


def is_arn(text: str) -> bool:
    """Tell whether a text is the ARN of a secret: any other text may be a secret itself."""
    return re.fullmatch(ARN_PATTERN, text, re.ASCII) is not None


def read_secret(setting: str, arn: str, shown: str) -> SecretText:
    """Read a secret now; raise SettingInvalid, with what is `shown` as the value of the setting."""
    # Imported here because boto3 is half of a cold start, and other settings need no secret.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        answer = _client(arn).get_secret_value(SecretId=arn)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        allowed = f"must name a secret that has a value and that this function may read ({code})"
        raise SettingInvalid(setting, shown, allowed) from error
    except BotoCoreError as error:
        raise SettingInvalid(setting, shown, f"cannot be read now: {error}") from error
    # A binary secret has no SecretString; text from a file ends with a line break.
    return SecretText(str(answer.get("SecretString", "")).strip(), str(answer["VersionId"]))


def replace_secret(arn: str, text: str, version: str) -> str:
    """Write the next version of a secret; return AWS's name of the error, "" if it is written.

    The id of the next version follows from that of `version`, and AWS refuses a second version with
    the same id (EXISTS_ALREADY). So of two recorders that replace one version, one wins.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    following = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn} {version}"))
    request = {"SecretId": arn, "SecretString": text, "ClientRequestToken": following}
    try:
        _client(arn).put_secret_value(**request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except BotoCoreError as error:
        return type(error).__name__
    return ""


def _client(arn: str) -> Any:  # noqa: ANN401  (boto3 has no types)
    """Return a client of the secret's own region; of the environment's where a name is given."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": 2},
    )
    region = arn.split(":")[3] if is_arn(arn) else None
    return boto3.client("secretsmanager", region_name=region, config=config)
