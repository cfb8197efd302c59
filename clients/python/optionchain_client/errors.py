"""What can go wrong, by who has to do something about it.

ChainsError
├── ApiError                the API answered with a problem
│   ├── BadRequest          the request itself is wrong (400, 413, 422)
│   ├── NotFound            a symbol, expiry, contract or route that the API does not have (404)
│   └── Unavailable         the API or what is behind it does not answer (429, 5xx, no answer)
├── ArchiveError            a file of the archive is missing, or is not what its manifest says
└── IncompleteSnapshot      contracts of a snapshot are missing

A value that cannot be meant, such as an instant without a time zone, is a ValueError.
"""

from collections.abc import Mapping
from typing import Any

_BAD_REQUEST = (400, 413, 422)
_NOT_FOUND = 404
_TOO_MANY = 429
_FIRST_SERVER_ERROR = 500
_LONGEST_DETAIL = 500


class ChainsError(Exception):
    """Base of every error in this file. It can be sent to another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _copy, (type(self), self.args, dict(self.__dict__))


class ArchiveError(ChainsError):
    """A file of the archive is missing, cannot be read, or is not what its manifest says."""


class IncompleteSnapshot(ChainsError):
    """Contracts of a snapshot are missing, so it is not given at all."""

    def __init__(self, what: str, found: int, expected: int) -> None:
        super().__init__(f"{what} has {found} of {expected} contracts")


class ApiError(ChainsError):
    """A problem that the API answered.

    `status` is that of HTTP, 0 if there was no answer. `slug` names the problem. `fields` are its
    messages, by the parameter that is wrong.
    """

    def __init__(
        self, status: int, slug: str, detail: str, fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {slug}: {detail}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.fields = dict(fields or {})


class BadRequest(ApiError):
    """The request itself is wrong: sent again it would be as wrong."""


class NotFound(ApiError):
    """A symbol, expiry, contract or route that the API does not have."""


class Unavailable(ApiError):
    """The API or what is behind it does not answer, or asks for a long pause.

    `retry_after` is that pause in seconds, None if it asks for none.
    """

    retry_after: float | None = None


def _copy(kind: type[ChainsError], args: tuple[Any, ...], members: dict[str, Any]) -> ChainsError:
    """Return an error as it was; its __init__ takes other arguments than those it keeps."""
    found = kind.__new__(kind, *args)
    found.__dict__.update(members)
    return found


def error_of(status: int, problem: Mapping[str, Any]) -> ApiError:
    """Return the error of an answer; `problem` is its problem+json, empty if it has none."""
    slug = str(problem.get("type", "")).replace("/", ":").rpartition(":")[2] or "error"
    # API Gateway's own answers have a `message`.
    detail = str(problem.get("detail") or problem.get("message") or "no reason is given")
    return _kind(status)(status, slug, detail[:_LONGEST_DETAIL], _fields(problem.get("errors")))


def _kind(status: int) -> type[ApiError]:
    if status in _BAD_REQUEST:
        return BadRequest
    if status == _NOT_FOUND:
        return NotFound
    return Unavailable if status == _TOO_MANY or status >= _FIRST_SERVER_ERROR else ApiError


def _fields(rows: object) -> dict[str, str]:
    if not isinstance(rows, list):
        return {}
    found = (row for row in rows if isinstance(row, dict) and "field" in row)
    return {str(row["field"]): str(row.get("message", "")) for row in found}
