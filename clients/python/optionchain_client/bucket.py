"""An archive in a bucket of S3, by the credentials that boto3 finds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optionchain_client.errors import ArchiveError
from optionchain_client.objects import MissingObject

_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 5, 20, 4
_ABSENT = ("NoSuchKey", "404")


class Bucket:
    """Objects of the bucket of `s3://bucket/prefix`. See Objects.

    What fails for a moment is tried four times, and no call waits for ever.
    """

    def __init__(self, url: str) -> None:
        # boto3 is slow to import, and who reads a folder need not have it.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        self._name, _, prefix = url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.rstrip('/')}/" if prefix.rstrip("/") else ""
        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        )
        with _s3_errors(url):
            self._client: Any = boto3.session.Session().client("s3", config=config)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin like this."""
        with _s3_errors(prefix):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._name, Prefix=self._prefix + prefix):
                for each in page.get("Contents", ()):
                    yield str(each["Key"]).removeprefix(self._prefix)

    def read(self, key: str) -> bytes:
        """Return an object."""
        with _s3_errors(key):
            answer = self._client.get_object(Bucket=self._name, Key=self._prefix + key)
            found: bytes = answer["Body"].read()
            return found

    def download(self, key: str, path: Path) -> None:
        """Write an object into a file."""
        with _s3_errors(key):
            self._client.download_file(self._name, self._prefix + key, str(path))


@contextmanager
def _s3_errors(what: str) -> Iterator[None]:
    """Raise ArchiveError in place of whatever S3, the network or the disk raises."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _ABSENT:
            raise MissingObject(what) from error
        raise ArchiveError(f"{what}: {error}") from error
    except (Boto3Error, BotoCoreError, OSError) as error:
        raise ArchiveError(f"{what}: {type(error).__name__}: {error}") from error
