"""The committed OpenAPI document, and the paths of it and of its examples."""

import json
from pathlib import Path
from typing import Any

from chain_api.app import create_app
from chain_api.dependencies import connect
from optionchain.settings import SecretStr, Settings

_API = Path(__file__).parents[2] / "functions" / "api"
DOCUMENT = _API / "openapi.json"
EXAMPLES = _API / "chain_api" / "schemas" / "examples.json"
# The document is made without a database: no request is sent to this address.
NO_DATABASE = SecretStr("mongodb://127.0.0.1:1")


def written(value: object) -> str:
    """Return JSON as it is committed: indented, so that its diffs are readable."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """Return the OpenAPI document of an application without a database."""
    return create_app(connect(Settings(mongodb_uri=NO_DATABASE))).openapi()
