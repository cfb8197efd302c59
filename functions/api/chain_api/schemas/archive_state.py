"""What the database knows of the archive."""

from datetime import date
from typing import Literal

from pydantic import Field

from chain_api.schemas.base import ResponseModel


class ArchiveState(ResponseModel):
    """What is sealed in the archive and what is not, by symbol and day."""

    kind: Literal["folder", "s3"] = Field(description="where it lies")
    sealed_days: int = Field(description="days of all symbols: two symbols have two on one date")
    newest_sealed_day: date | None = Field(description="in India")
    unsealed_days: int = Field(description="past days that the database has and the archive lacks")
    oldest_unsealed_day: date | None = Field(description="in India")
    retention_days: int = Field(description="how long the database keeps what is sealed")
    extra_days: int = Field(
        description="how many days longer it keeps everything, because a day is not sealed yet: "
        "14 at most"
    )
    lost_days: int = Field(description="days that were deleted before they were sealed")
