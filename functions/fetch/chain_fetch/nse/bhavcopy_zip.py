"""The lines of a bhavcopy, out of the bytes of its zip; they are decompressed as they are read."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO, TextIOWrapper
from zipfile import BadZipFile, ZipFile

from optionchain.errors import PayloadInvalid

# The member of a day is about 8 MB; a larger one is no bhavcopy.
_LARGEST_MEMBER = 64 * 1024 * 1024
_NAME = re.compile(r"BhavCopy_NSE_FO_0_0_0_(\d{4})(\d{2})(\d{2})_F_0000\.csv\.zip", re.ASCII)
_OLD_NAME = re.compile(r"fo\d{2}[A-Z]{3}\d{4}bhav\.csv(\.zip)?", re.ASCII | re.IGNORECASE)
OLD_FORMAT = (
    "the old format, which ended in July 2024: it has neither lots nor the price of the underlying"
)
# What zipfile raises for bytes that are no zip, cut off, changed, encrypted or compressed oddly.
_FAULTS = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


def bhavcopy_name(day: date) -> str:
    """Return the name of the file of a day, as the exchange's file server has it."""
    return f"BhavCopy_NSE_FO_0_0_0_{day:%Y%m%d}_F_0000.csv.zip"


def day_in_name(name: str) -> date:
    """Return the day that the name of a file says; raise PayloadInvalid for another name."""
    if _OLD_NAME.fullmatch(name):
        raise PayloadInvalid(OLD_FORMAT, name)
    if not (match := _NAME.fullmatch(name)):
        example = bhavcopy_name(date(2026, 1, 30))
        raise PayloadInvalid(f"not the name of a bhavcopy, such as {example}", name)
    try:
        return date(*map(int, match.groups()))
    except ValueError as error:
        raise PayloadInvalid("the name has no date", name) from error


@contextmanager
def opened_lines(name: str, content: bytes) -> Iterator[Iterator[str]]:
    """Open the lines of the one member of a zip; raise PayloadInvalid, also while they are read."""
    try:
        with ZipFile(BytesIO(content)) as archive, archive.open(_member(name, archive)) as member:
            yield iter(TextIOWrapper(member, encoding="utf-8", newline=""))
    except UnicodeDecodeError as error:
        raise PayloadInvalid("the CSV is no text", name) from error
    except _FAULTS as error:
        raise PayloadInvalid(_fault_told(content, error), name) from error


def _member(name: str, archive: ZipFile) -> str:
    members = archive.infolist()
    names = [each.filename for each in members]
    if names != [expected := name.removesuffix(".zip")]:
        raise PayloadInvalid(f"the zip holds {names[:3]}, not {expected} alone", name)
    if members[0].file_size > _LARGEST_MEMBER:
        raise PayloadInvalid(f"the CSV passes {_LARGEST_MEMBER} bytes", name)
    return names[0]


def _fault_told(content: bytes, error: Exception) -> str:
    if content[:2] != b"PK":
        return f"not a zip; it begins {content[:40]!r}"
    return f"the zip is cut off or damaged ({error})"
