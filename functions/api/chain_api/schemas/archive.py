"""The sealed days of the archive: the question and the answer."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from chain_api.parameters.types import Day, Flag, SymbolName
from chain_api.schemas.base import SOURCE, ResponseModel
from chain_api.schemas.queries import Cursor, FormatQuery
from chain_api.schemas.through_time import NEXT

type LinksReason = Literal["not_asked", "no_key", "folder"]

MAX_LIMIT = 1_000


class ArchiveQuery(FormatQuery):
    """Which sealed days, a page at a time."""

    symbol: SymbolName | None = Field(default=None, description="of one symbol; all by default")
    from_: Day | None = Field(default=None, alias="from", description="the first day in India")
    to: Day | None = Field(default=None, description="the last day in India, inclusive")
    links: Flag = Field(
        default=False,
        description="true adds to each file a link at which it can be read without a key for a "
        "quarter of an hour; not in CSV",
    )
    limit: int | None = Field(
        default=None,
        ge=1,
        le=MAX_LIMIT,
        description="days a page; 100 by default",
        examples=[100],
    )
    cursor: Cursor = None


class ArchiveFile(ResponseModel):
    """A Parquet file of a sealed day."""

    kind: Literal["contracts", "headers", "ticks", "records"]
    key: str = Field(description="where it lies in the archive's folder or bucket")
    rows: int
    bytes: int
    sha256: str = Field(description="of its content, as hexadecimal digits")
    link: str | None = Field(description="where to read it; null as `links_reason` says")


class ArchiveDay(ResponseModel):
    """A sealed day of a symbol."""

    symbol: str
    day: date = Field(description="the date in India")
    version: int = Field(description="how often it was sealed with other content, from 1 on")
    sealed_at: datetime = Field(description="when this version was sealed, UTC")
    source: str = Field(description=SOURCE)
    contracts: int = Field(description="documents of contracts")
    headers: int = Field(description="snapshots")
    ticks: int = Field(description="entries of the ledger")
    bytes: int = Field(description="of its files together")
    expiry_dates: list[str] = Field(description="expiries with a snapshot, by date")
    files: list[ArchiveFile]


class MissingDay(ResponseModel):
    """A day of a symbol that was sealed, and that cannot be read any more."""

    symbol: str
    day: date = Field(description="the date in India")


class Archive(ResponseModel):
    """A page of the sealed days, by symbol and day."""

    symbol: str | None = Field(description="null for all symbols")
    from_: date | None = Field(alias="from", description="null for the first day that is sealed")
    to: date | None = Field(description="null for the last day that is sealed")
    links_reason: LinksReason | None = Field(
        description="why the links are null: not_asked: links is not true; no_key: they take a "
        "key, because the operator pays for what is read through them; folder: the archive is a "
        "folder of the operator's machine"
    )
    links_expire_at: datetime | None = Field(
        description="until when the links work, UTC; earlier if the service's own credentials "
        "end before. null without links"
    )
    missing: list[MissingDay] | None = Field(
        description="days that were sealed, as the database knows, and that neither the archive "
        "nor the database has any more: requests about them are a 503 (archive-damaged). Either "
        "ARCHIVE_URL names another archive, or manifests were deleted. null if the database does "
        "not answer"
    )
    records: list[ArchiveDay]
    next: str | None = Field(description=NEXT)
