"""Where the files of an archive lie: in a folder, or in a bucket of S3."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from optionchain_client.errors import ArchiveError

_S3 = "s3://"


class Objects(Protocol):
    """Reads objects by their keys; raises ArchiveError for one that is not there."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Return the keys that begin like this; the prefix ends with a slash."""
        ...

    def read(self, key: str) -> bytes:
        """Return an object."""
        ...

    def download(self, key: str, path: Path) -> None:
        """Write an object into a file."""
        ...


class Folder:
    """Objects that are the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()

    def keys(self, prefix: str) -> Iterator[str]:
        """Return the keys that begin like this."""
        for path in sorted((self._folder / prefix).glob("*")):
            if not path.name.startswith("."):  # a file that is being written
                yield f"{prefix}{path.name}"

    def read(self, key: str) -> bytes:
        """Return an object."""
        try:
            return (self._folder / key).read_bytes()
        except FileNotFoundError as error:
            raise ArchiveError(f"{key} is missing") from error

    def download(self, key: str, path: Path) -> None:
        """Copy an object into a file."""
        try:
            shutil.copyfile(self._folder / key, path)
        except FileNotFoundError as error:
            raise ArchiveError(f"{key} is missing") from error


class Bucket:
    """Objects of a bucket, under a prefix."""

    def __init__(self, url: str) -> None:
        import boto3  # noqa: PLC0415  (who reads a folder needs none)

        self._name, _, prefix = url.removeprefix(_S3).partition("/")
        self._prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        self._client: Any = boto3.client("s3")

    def keys(self, prefix: str) -> Iterator[str]:
        """Return the keys that begin like this."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._name, Prefix=self._prefix + prefix):
            for each in page.get("Contents", ()):
                yield str(each["Key"]).removeprefix(self._prefix)

    def read(self, key: str) -> bytes:
        """Return an object."""
        try:
            answer = self._client.get_object(Bucket=self._name, Key=self._prefix + key)
        except self._client.exceptions.NoSuchKey as error:
            raise ArchiveError(f"{key} is missing") from error
        found: bytes = answer["Body"].read()
        return found

    def download(self, key: str, path: Path) -> None:
        """Write an object into a file."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            self._client.download_file(self._name, self._prefix + key, str(path))
        except ClientError as error:
            raise ArchiveError(f"{key} cannot be read: {error}") from error


def objects_at(url: str) -> Objects:
    """Return the objects at the path of a folder, or at `s3://bucket/prefix`."""
    return Bucket(url) if url.startswith(_S3) else Folder(Path(url))
