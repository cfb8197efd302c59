"""The path of an event behind a custom domain, with and without a base path."""

from typing import Any

import pytest

from chain_api.aws.base_path import without_base_path

CHAIN = "/option-chain/{proxy+}"

type Event = dict[str, Any]


def event(path: str, resource: str, proxy: str | None = None) -> Event:
    """Return an event as API Gateway sends it for a custom domain."""
    return {
        "path": path,
        "resource": resource,
        "pathParameters": None if proxy is None else {"proxy": proxy},
        "requestContext": {"path": path, "stage": "prod"},
    }


def own_address(path: str | None, found: Event) -> Event:
    """Return the same with another path in its context, as at the API's own address."""
    return found | {"requestContext": {"path": path, "stage": "prod"}}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (event("/nse", "/"), "/"),
        (event("/nse/", "/"), "/"),
        (event("/nse/health", "/health"), "/health"),
        (event("/nse/v1/health", "/health"), "/health"),
        (event("/health/health", "/health"), "/health"),
        (event("/nse/docs/start.js", "/docs/{proxy+}", "start.js"), "/docs/start.js"),
        (
            event("/nse/option-chain/NIFTY", CHAIN, "NIFTY"),
            "/option-chain/NIFTY",
        ),
        (
            event("/nse/option-chain/M%26M", CHAIN, "M&M"),
            "/option-chain/M%26M",
        ),
        (event("/nse/option-chain/M&M/", CHAIN, "M&M"), "/option-chain/M&M/"),
        (event("/nse/symbols", "/{proxy+}", "symbols"), "/symbols"),
        (event("/nse/pipeline/stop", "/pipeline/stop"), "/pipeline/stop"),
    ],
)
def test_base_path_of_a_custom_domain_is_taken_off(given: Event, path: str) -> None:
    assert without_base_path(given) == given | {"path": path}


@pytest.mark.parametrize(
    "given",
    [
        # A custom domain without a base path.
        event("/", "/"),
        event("/health", "/health"),
        event("/option-chain/NIFTY", CHAIN, "NIFTY"),
        # The API's own address.
        own_address("/prod/health", event("/health", "/health")),
        own_address("/prod/prod/health", event("/prod/health", "/{proxy+}", "prod/health")),
        # No event of API Gateway: the path stays as it is.
        event("/nse/health", "/stats"),
        event("/nse/health", "/{proxy+}"),
        event("/health", "/health") | {"pathParameters": 5},
        own_address(None, event("/health", "/health")),
    ],
)
def test_path_without_a_base_path_stays(given: Event) -> None:
    assert without_base_path(given) == given
