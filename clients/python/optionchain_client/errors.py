"""Every error that this package raises.

ChainsError
├── ApiError           the API answered with a problem: `slug`, `detail`, and the `fields` it names
│   ├── BadRequest     the request itself is wrong (400, 413, 422)
│   ├── NotFound       a symbol, expiry, contract or route that the API does not have (404)
│   └── Unavailable    the API or what is behind it does not answer: tried again in vain
└── ArchiveError       a file of the archive is missing, or is not what its manifest says
"""

from collections.abc import Mapping
from typing import Any

_BAD_REQUEST = (400, 413, 422)
_NOT_FOUND = 404
_FIRST_SERVER_ERROR = 500


class ChainsError(Exception):
    """Base of every error in this file."""


class ArchiveError(ChainsError):
    """A file of the archive is missing, or is not what its manifest says."""


class ApiError(ChainsError):
    """A problem that the API answered. `fields` are its messages, by the field that is wrong."""

    def __init__(self, status: int, slug: str, detail: str, fields: Mapping[str, str]) -> None:
        super().__init__(f"{status} {slug}: {detail}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.fields = dict(fields)


class BadRequest(ApiError):
    """The request itself is wrong: sent again it would be as wrong."""


class NotFound(ApiError):
    """A symbol, expiry, contract or route that the API does not have."""


class Unavailable(ApiError):
    """The API or what is behind it does not answer, and did not after several attempts."""


def error_of(status: int, problem: Mapping[str, Any]) -> ApiError:
    """Return the error of an answer; `problem` is its problem+json, empty if it has none."""
    slug = str(problem.get("type", "")).replace("/", ":").rpartition(":")[2] or "error"
    fields = {str(row["field"]): str(row["message"]) for row in problem.get("errors", ())}
    kind = ApiError
    if status in _BAD_REQUEST:
        kind = BadRequest
    elif status == _NOT_FOUND:
        kind = NotFound
    elif status >= _FIRST_SERVER_ERROR:
        kind = Unavailable
    return kind(status, slug, str(problem.get("detail", "no reason is given")), fields)
