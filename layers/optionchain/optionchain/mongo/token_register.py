"""Until when the tokens of the sources hold. The tokens themselves are never stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.source_register import SOURCE

type TokenStatus = Literal["valid", "ends_soon", "ended", "refused", "missing", "end_unknown"]


@dataclass(frozen=True)
class TokenState:
    """What is known of the token of a source; what is not known is None.

    `warns_at` is from when on its end is a warning. `refused_at` is when the source first refused
    it. With `renewable` the recorder makes another token by itself once it has ended. `detail` says
    why there is no token, or why a renewed one could not be written to its secret. With
    `login_refused` the source refuses what the recorder makes tokens with.
    """

    issued_at: datetime | None = None
    ends_at: datetime | None = None
    warns_at: datetime | None = None
    refused_at: datetime | None = None
    missing: bool = False
    renewable: bool = False
    detail: str | None = None
    login_refused: bool = False

    def status(self, now: datetime) -> TokenStatus:
        """Return what the token is worth at an instant."""
        if self.missing:
            return "missing"
        if self.refused_at is not None:
            return "refused"
        if self.ends_at is None:
            return "end_unknown"
        if self.ends_at <= now:
            return "ended"
        return "valid" if self.warns_at is None or now < self.warns_at else "ends_soon"

    def needs_a_person(self, now: datetime) -> bool:
        """Tell whether a person has to get another token, because the recorder makes none."""
        status = self.status(now)
        return (
            self.login_refused
            or status in ("refused", "missing")
            or (status in ("ends_soon", "ended") and not self.renewable)
        )


_FIELDS = {each.name for each in fields(TokenState)}


class TokenRegister:
    """A document of the collection `source` for each token; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._source: Collection[Any] = database[SOURCE]

    def read(self, sources: Sequence[str]) -> dict[str, TokenState]:
        """Return the states of these sources' tokens, as far as they are known."""
        keys = {f"{name} token": name for name in sources}
        with database_errors():
            found = list(self._source.find({"_id": {"$in": list(keys)}}))
        return {
            keys[document["_id"]]: TokenState(
                **{name: value for name, value in document.items() if name in _FIELDS}
            )
            for document in found
        }

    def write(self, source: str, state: TokenState) -> None:
        """Store the state of a source's token."""
        with database_errors():
            key = {"_id": f"{source} token"}
            self._source.replace_one(key, asdict(state), upsert=True)
