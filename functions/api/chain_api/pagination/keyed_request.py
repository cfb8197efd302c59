"""A request for a page of a list that lies in the order of a key, and not of time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from chain_api.pagination.cursors import content_of, cursor_of, foreign
from chain_api.pagination.given import given_texts
from chain_api.problems.catalogue import invalid


class _CursorContent(BaseModel):
    """What a cursor holds: the parameters, and where the next page begins."""

    given: dict[str, str]
    position: list[Any]


@dataclass(frozen=True)
class KeyedRequest[Query: BaseModel, Position: tuple[Any, ...]]:
    """A request: its parameters as texts, its query completed from its cursor, and its position.

    The position is the key of the row with which the page begins, None for the first page.
    """

    resource: str
    given: Mapping[str, str]
    query: Query
    position: Position | None

    def next_link(self, position: Position) -> str:
        """Return the address of the page that begins at a position, relative to this page's."""
        content = {"given": dict(self.given), "position": list(position)}
        return f"{self.resource}?cursor={cursor_of(self.resource, content)}"


def keyed_request[Query: BaseModel, Position: tuple[Any, ...]](
    resource: str, query: Query, position: type[Position], free: Collection[str]
) -> KeyedRequest[Query, Position]:
    """Read a query; parameters beside a cursor must be those that it holds. Raises Problem.

    `position` is the type of positions. `free` parameters may differ from page to page: they
    change how a page looks, not which list it belongs to.
    """
    given = given_texts(query)
    cursor: str | None = getattr(query, "cursor", None)
    if cursor is None:
        return KeyedRequest(resource, given, query, None)
    content = content_of(resource, cursor, _CursorContent)
    for name, text in given.items():
        if name not in free and content.given.get(name) != text:
            raise invalid(name, text, "must be as it was where the cursor comes from, or left out")
    given = content.given | given
    try:
        begins_at = TypeAdapter(position).validate_python(content.position)
        return KeyedRequest(resource, given, type(query).model_validate(given), begins_at)
    except ValidationError:
        raise foreign(cursor) from None
