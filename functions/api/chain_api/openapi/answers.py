"""Successful answers, as the document describes them: formats, headers, examples, and 304."""

from collections.abc import Mapping
from typing import Any

from chain_api.openapi.examples import answer_examples
from chain_api.openapi.headers import EVERYWHERE, NEWEST, STANDING, headers_named
from chain_api.openapi.operations import has_tag, in_formats, is_of_chains, is_paged

_JSON = "application/json"
_TABLES = {
    "text/csv": "RFC 4180 with a header line; UTF-8; null is an empty field.",
    "application/x-ndjson": "One JSON object a line; UTF-8.",
}
_NOT_MODIFIED = "what If-None-Match names still holds; no body"
_CACHED = ("ETag", "Cache-Control")


def complete_answers(
    path: str, operation: dict[str, Any], models: Mapping[str, Mapping[str, Any]]
) -> None:
    """Describe an operation's 200 and 304."""
    answers, answer = operation["responses"], operation["responses"]["200"]
    model = answer["content"][_JSON]["schema"]["$ref"].rpartition("/")[2]
    answer["description"] = models[model]["description"].partition("\n")[0]
    if in_formats(operation):
        answer["content"] |= {name: _table(text) for name, text in _TABLES.items()}
    for media_type, content in answer["content"].items():
        if examples := answer_examples(operation["operationId"], media_type):
            content["examples"] = examples
    of_chains = is_of_chains(path)
    sent = (*_names(operation, of_chains=of_chains), *(("X-Storage",) if of_chains else ()))
    answer["headers"] = headers_named(sent)
    if has_tag(operation):
        names = [name for name in sent if name != "Link"]
        answers["304"] = {"description": _NOT_MODIFIED, "headers": headers_named(names)}


def _table(description: str) -> dict[str, Any]:
    return {"schema": {"type": "string", "description": description}}


def _names(operation: dict[str, Any], *, of_chains: bool) -> tuple[str, ...]:
    if not (has_tag(operation) or in_formats(operation)):
        return EVERYWHERE
    paged = is_paged(operation)
    cached = _CACHED if has_tag(operation) else ("Cache-Control",)
    link = ("Link",) if paged else ()
    # The days of a symbol are about no single snapshot.
    if not of_chains or operation["operationId"] == "getDays":
        newest = NEWEST if operation["operationId"] == "getScreener" else ()
        return (*EVERYWHERE, *cached, *link, *newest)
    # A list over a range has no single moment near which a tick could be missing.
    at_one = () if paged and has_tag(operation) else ("X-Gap", "X-Frozen")
    return (*EVERYWHERE, *cached, *link, *STANDING, *at_one)
