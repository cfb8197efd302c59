"""What an answer of the API is: JSON, or an error."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from optionchain_client.errors import ApiError, Unavailable, error_of
from optionchain_client.waiting import asked_wait

_LONGEST_DETAIL = 500


def failure_of(answer: httpx.Response, wait: float) -> tuple[ApiError, float]:
    """Return the error of an answer that may be otherwise later, and how long to wait."""
    failure = error_of(answer.status_code, _members(answer))
    asked = asked_wait(answer.headers.get("Retry-After"), datetime.now(UTC))
    if isinstance(failure, Unavailable):
        failure.retry_after = asked
    if failure.slug == "quota-exceeded":
        return failure, float("inf")
    return failure, wait if asked is None else asked


def members_of(answer: httpx.Response, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON of a good answer; raise ApiError for any other."""
    if answer.status_code == httpx.codes.NOT_MODIFIED and headers:
        return {}
    if answer.has_redirect_location:
        detail = f"it leads to {answer.headers['Location']}, and is not followed"
        raise ApiError(answer.status_code, "redirect", detail[:_LONGEST_DETAIL])
    if not answer.is_success:
        raise error_of(answer.status_code, _members(answer))
    if found := _members(answer):
        return found
    raise ApiError(answer.status_code, "no-json", "the answer is no JSON object")


def _members(answer: httpx.Response) -> dict[str, Any]:
    """Return the members of an answer that is a JSON object, else none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
