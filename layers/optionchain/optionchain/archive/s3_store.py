"""An archive in a bucket of Amazon S3, or of whatever speaks its protocol."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from botocore.exceptions import ClientError

from optionchain.archive.deadline import seconds_left
from optionchain.archive.object_store import (
    LONGEST_LINK_SECONDS,
    MOST_AT_ONCE,
    ObjectInfo,
    StoredObject,
)
from optionchain.archive.s3_errors import code_of, network_errors, s3_errors

_CONNECT_SECONDS = 2
_READ_SECONDS = 10
_ATTEMPTS = 2
# A body that is cut is asked for again only if it was cut early.
_AGAIN_WITHIN_SECONDS = 3
# So small that a slow body is looked at often: what nobody waits for any more is not read on.
_CHUNK = 64 * 1024
_ABSENT = {"NoSuchKey", "404"}
# Another writer was faster, or is writing at this moment.
_LOST = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404"}


def s3_client(bucket: str, read_seconds: float = _READ_SECONDS) -> Any:  # noqa: ANN401  (boto3 has no types)
    """Return a client with bounded patience. AWS_ENDPOINT_URL names another server than AWS's.

    A bucket's name is a part of AWS's host names, which makes links of the bucket's own region. Not
    so if another server is asked, or if the name has a dot: then no certificate fits.
    """
    # Imported here because boto3 is half of a cold start, and most requests read no archive.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    own_server = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        signature_version="s3v4",
        max_pool_connections=MOST_AT_ONCE,
        s3={"addressing_style": "path" if own_server or "." in bucket else "virtual"},
    )
    return boto3.session.Session().client("s3", config=config)


class S3Store:
    """Keeps objects in a bucket, under a prefix. See ObjectStore. Safe for several threads.

    Each object is put in one request with its SHA-256, which S3 checks before it stores it. How it
    is encrypted is the bucket's own setting.
    """

    has_links = True

    def __init__(self, url: str, connect: Callable[[str], Any] = s3_client) -> None:
        self.url = url
        self._bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._connect = connect
        self._made: Any = None
        self._lock = Lock()

    def read(self, key: str) -> StoredObject | None:
        """Return an object, None if there is none of this key."""
        return self._again(lambda: self._read(key))

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002
        """Return None: no object lies on this machine."""
        return None

    def download(self, key: str, path: Path) -> bool:
        """Write an object to a new file; return False if there is none of this key."""
        return self._again(lambda: self._download(key, path))

    def upload(self, key: str, path: Path) -> None:
        """Store a file; an object of the same key is replaced at once."""
        with s3_errors(self.url), path.open("rb") as content:
            self._put(key, content)

    def replace(self, key: str, data: bytes, tag: str | None) -> bool:
        """Store an object if the one of this key still has this tag; None: if there is none."""
        condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        with s3_errors(self.url):
            try:
                self._put(key, data, **condition)
            except ClientError as error:
                if code_of(error) not in _LOST:
                    raise
                # The answer to an attempt may be lost although S3 stored what it sent.
                found = self._read(key)
                return found is not None and found.data == data
        return True

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        """Return the objects whose keys begin with `prefix`, in the order of their keys."""
        for page in self._pages(prefix):
            for found in page.get("Contents", ()):
                key = found["Key"].removeprefix(self._prefix)
                yield ObjectInfo(key, found["Size"], found["ETag"], found["LastModified"])

    def folders(self, prefix: str) -> Iterator[str]:
        """Return what stands between `prefix` and the next `/` of the keys that have both."""
        start = len(self._prefix) + len(prefix)
        for page in self._pages(prefix, Delimiter="/"):
            for found in page.get("CommonPrefixes", ()):
                yield found["Prefix"][start:-1]

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        with s3_errors(self.url):
            self._client().delete_object(**self._object(key))

    def link(self, key: str, seconds: int) -> str | None:
        """Return a URL at which anybody can read an object for some time, an hour at most."""
        with s3_errors(self.url):
            url = self._client().generate_presigned_url(
                "get_object",
                Params=self._object(key),
                ExpiresIn=max(1, min(seconds, LONGEST_LINK_SECONDS)),
            )
        return str(url)

    def _client(self) -> Any:  # noqa: ANN401
        with self._lock:
            if self._made is None:
                self._made = self._connect(self._bucket)
            return self._made

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + key}

    def _put(self, key: str, body: Any, **condition: str) -> None:  # noqa: ANN401
        self._client().put_object(
            **self._object(key), Body=body, ChecksumAlgorithm="SHA256", **condition
        )

    def _get(self, key: str) -> Any:  # noqa: ANN401
        try:
            return self._client().get_object(**self._object(key))
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise

    def _read(self, key: str) -> StoredObject | None:
        answer = self._get(key)
        if answer is None:
            return None
        with closing(answer["Body"]) as body:
            return StoredObject(body.read(), answer["ETag"])

    def _download(self, key: str, path: Path) -> bool:
        answer = self._get(key)
        if answer is None:
            return False
        try:
            with closing(answer["Body"]) as body, path.open("wb") as copy:
                for chunk in body.iter_chunks(_CHUNK):
                    seconds_left()
                    copy.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return True

    def _again[Found](self, get: Callable[[], Found]) -> Found:
        """Do it, and once more if the body was cut: botocore repeats only what has no body yet."""
        begun = monotonic()
        with s3_errors(self.url):
            try:
                return get()
            except network_errors():
                if monotonic() - begun > _AGAIN_WITHIN_SECONDS:
                    raise
            return get()

    def _pages(self, prefix: str, **how: str) -> Iterator[Any]:
        with s3_errors(self.url):
            pages = self._client().get_paginator("list_objects_v2")
            yield from pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix, **how)
