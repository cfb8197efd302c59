"""A request for a page of the archive's sealed days."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from pydantic import BaseModel, ValidationError

from chain_api.pagination.cursors import content_of, cursor_of, foreign
from chain_api.parameters.types import Day, SymbolName
from chain_api.problems.catalogue import invalid
from chain_api.schemas.archive import ArchiveQuery

RESOURCE = "archive"
# These may differ from page to page: they change how a page looks, not which list it belongs to.
_FREE_PARAMETERS = ("limit", "format", "links")


class Position(NamedTuple):
    """The day with which a page begins."""

    symbol: SymbolName
    day: Day


class _CursorContent(BaseModel):
    """What a cursor holds: the parameters, and where the next page begins."""

    given: dict[str, str]
    position: Position


@dataclass(frozen=True)
class ArchiveRequest:
    """A request: its parameters as texts, its query completed from its cursor, and its position."""

    given: dict[str, str]
    query: ArchiveQuery
    position: Position | None

    @classmethod
    def of(cls, query: ArchiveQuery) -> Self:
        """Read a query; parameters beside a cursor must be those that it holds. Raises Problem."""
        given = _texts(query)
        if query.cursor is None:
            return cls(given, query, None)
        content = content_of(RESOURCE, query.cursor, _CursorContent)
        for name, text in given.items():
            if name not in _FREE_PARAMETERS and content.given.get(name) != text:
                allowed = "must be as it was where the cursor comes from, or left out"
                raise invalid(name, text, allowed)
        given = content.given | given
        try:
            return cls(given, ArchiveQuery.model_validate(given), content.position)
        except ValidationError:
            raise foreign(query.cursor) from None

    def next_link(self, position: Position) -> str:
        """Return the address of the page that begins with a day, relative to this page's."""
        at = [position.symbol, position.day.isoformat()]
        content = {"given": self.given, "position": at}
        return f"{RESOURCE}?cursor={cursor_of(RESOURCE, content)}"


def _texts(query: ArchiveQuery) -> dict[str, str]:
    """Return the parameters that a request named, each as one canonical text."""
    named = {
        field.alias or name: getattr(query, name)
        for name, field in ArchiveQuery.model_fields.items()
        if name in query.model_fields_set and name != "cursor"
    }
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in named.items()
    }
