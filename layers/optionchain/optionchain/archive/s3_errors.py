"""Every way in which S3 does not answer, in words that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from optionchain.errors import ArchiveUnavailable

# S3's own names of errors, and what an operator can do about them.
_WORDS = {
    "NoSuchBucket": "there is no such bucket",
    "AccessDenied": "access is denied: it takes s3:GetObject, s3:PutObject and s3:DeleteObject on "
    "the objects, and s3:ListBucket on the bucket",
    "InvalidAccessKeyId": "the credentials are not known",
    "SignatureDoesNotMatch": "the secret of the credentials is wrong",
    "ExpiredToken": "the credentials have expired",
    "InvalidToken": "the credentials are not valid",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "InvalidObjectState": "the object is in a class that must be restored before it is read",
    "SlowDown": "too many requests at once",
}
# The answer to HEAD has no body, so these are all that is known.
_WORDS |= {"403": _WORDS["AccessDenied"]}
_OTHER_REGION = {
    "301",
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "TemporaryRedirect",
}


@contextmanager
def s3_errors(url: str) -> Iterator[None]:
    """Raise ArchiveUnavailable in place of whatever S3, the network or the disk raises."""
    try:
        yield
    except ClientError as error:
        raise ArchiveUnavailable(f"{url}: {_words(error)}") from error
    except NoCredentialsError as error:
        raise ArchiveUnavailable(f"{url}: there are no credentials of AWS") from error
    except NoRegionError as error:
        raise ArchiveUnavailable(f"{url}: no region is given: set AWS_REGION") from error
    except OSError as error:  # of the disk to which a body is written, too
        raise ArchiveUnavailable(f"{url}: {type(error).__name__}: {error}") from error
    except network_errors() as error:
        raise ArchiveUnavailable(f"{url}: {type(error).__name__}: {error}") from error


def network_errors() -> tuple[type[Exception], ...]:
    """Return the errors of a connection: botocore's, and urllib3's while a body is read."""
    # Imported here because a start that reads no archive needs neither urllib3 nor boto3.
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    return BotoCoreError, HTTPError


def code_of(error: ClientError) -> str:
    """Return S3's name of an error; of an answer without a body its status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _words(error: ClientError) -> str:
    code = code_of(error)
    if code in _OTHER_REGION:
        answer = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        region = answer.get("x-amz-bucket-region") or "another region"
        return f"the bucket is in {region}: set AWS_REGION to that ({code})"
    message = error.response.get("Error", {}).get("Message", "")
    return f"{_WORDS.get(code, message or 'S3 refuses')} ({code})"
