"""Opens the store that a setting names."""

from pathlib import Path

from optionchain.archive.object_store import ObjectStore
from optionchain.errors import SettingInvalid

_S3 = "s3://"


def place_of(url: str) -> str:
    """Return the name of an archive: the same for each way to write its ARCHIVE_URL."""
    return url.rstrip("/") if url.startswith(_S3) else str(Path(url).expanduser().absolute())


def open_store(url: str) -> ObjectStore:
    """Return the store of ARCHIVE_URL: the path of a folder, or `s3://bucket` with a prefix."""
    if url.startswith(_S3):
        # Imported here because boto3 is half of a cold start, and most requests read no archive.
        from optionchain.archive.s3_store import S3Store  # noqa: PLC0415

        return S3Store(url)
    folder = Path(url).expanduser()
    if ":/" in url or (folder.exists() and not folder.is_dir()):
        raise SettingInvalid("ARCHIVE_URL", url, "must be the path of a folder, or s3://bucket")
    from optionchain.archive.folder_store import FolderStore  # noqa: PLC0415

    return FolderStore(folder)
