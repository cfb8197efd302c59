"""The members of a JSON object, each read as what it must be. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

_MOST = 2**53
_LONGEST = 1_000


class Members:
    """The members of an object at `path`; whatever is absent or not as it must be is a ValueError.

    The message names the member, so that an operator finds it.
    """

    def __init__(self, found: object, path: str = "") -> None:
        if not isinstance(found, dict):
            what = f"its member {path}" if path else "it"
            raise ValueError(f"{what} is no JSON object")
        self._found: Mapping[str, Any] = found
        self._path = path

    def must_be(self, name: str, value: object) -> None:
        """Check that a member has this value."""
        if self._found.get(name) != value:
            raise self._wrong(name, f"{value!r}")

    def count(self, name: str, least: int) -> int:
        """Return a whole number."""
        value = self._found.get(name)
        if type(value) is not int or not least <= value < _MOST:
            raise self._wrong(name, f"a whole number from {least}")
        return value

    def text(self, name: str, pattern: str) -> str:
        """Return a text of this pattern."""
        value = self._found.get(name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise self._wrong(name, "a text in its form")
        return value

    def text_or_none(self, name: str, pattern: str) -> str | None:
        """Return a text of this pattern, None if it is null or absent."""
        return None if self._found.get(name) is None else self.text(name, pattern)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(_text(each, self._wrong(name, "a list of texts")) for each in self._list(name))

    def texts_by_name(self, name: str) -> dict[str, str]:
        """Return an object whose members are texts."""
        wrong = self._wrong(name, "an object of texts")
        found = self._found.get(name)
        if not isinstance(found, dict):
            raise wrong
        return {each: _text(value, wrong) for each, value in found.items()}

    def dates(self, name: str) -> tuple[date, ...]:
        """Return a list of dates, as 2026-11-27."""
        try:
            return tuple(map(date.fromisoformat, self._list(name)))
        except (TypeError, ValueError):
            raise self._wrong(name, "a list of dates") from None

    def instant(self, name: str) -> datetime:
        """Return an instant, in UTC."""
        wrong = self._wrong(name, "an instant with its zone")
        try:
            instant = datetime.fromisoformat(_text(self._found.get(name), wrong))
        except ValueError:
            raise wrong from None
        if instant.tzinfo is None:
            raise wrong
        return instant.astimezone(UTC)

    def instant_or_none(self, name: str) -> datetime | None:
        """Return an instant, None if it is null or absent."""
        return None if self._found.get(name) is None else self.instant(name)

    def objects_or_none(self, name: str) -> "list[Members] | None":
        """Return the members of each object of a list, None if it is null or absent."""
        if self._found.get(name) is None:
            return None
        return [Members(each, self._named(name)) for each in self._list(name)]

    def members(self, name: str) -> "Members":
        """Return the members of an object within this one."""
        return Members(self._found.get(name), self._named(name))

    def _list(self, name: str) -> list[Any]:
        value = self._found.get(name)
        if not isinstance(value, list) or len(value) > _LONGEST:
            raise self._wrong(name, "a list")
        return value

    def _wrong(self, name: str, what: str) -> ValueError:
        return ValueError(f"its member {self._named(name)} is not {what}")

    def _named(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def _text(value: object, wrong: ValueError) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise wrong
    return value
