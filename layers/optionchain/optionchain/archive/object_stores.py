"""Opens the store that a setting names."""

from functools import partial
from pathlib import Path

from optionchain.archive.object_store import ObjectStore
from optionchain.errors import SettingInvalid

_S3 = "s3://"


def place_of(url: str) -> str:
    """Return the name of an archive: the same for each way to write its ARCHIVE_URL."""
    return url.rstrip("/") if url.startswith(_S3) else str(Path(url).expanduser().absolute())


def open_store(url: str, *, read_seconds: float = 10.0) -> ObjectStore:
    """Return the store of ARCHIVE_URL: the path of a folder, or `s3://bucket` with a prefix.

    `read_seconds` is how long a bucket may say nothing before it is asked again.
    """
    if url.startswith(_S3):
        # Imported here because boto3 is half of a cold start, and most requests read no archive.
        from optionchain.archive.s3_store import S3Store, s3_client  # noqa: PLC0415

        return S3Store(url, partial(s3_client, read_seconds=read_seconds))
    folder = Path(url).expanduser()
    if ":/" in url or (folder.exists() and not folder.is_dir()):
        raise SettingInvalid("ARCHIVE_URL", url, "must be the path of a folder, or s3://bucket")
    from optionchain.archive.folder_store import FolderStore  # noqa: PLC0415

    return FolderStore(folder)
