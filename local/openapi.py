"""`python -m local.openapi`: writes the OpenAPI document and its examples, for `make openapi`."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from chain_api.app import create_app
from chain_api.deps import connect
from local.example_session import record
from local.examples import examples
from local.mongod import Mongod
from optionchain.connection import open_database
from optionchain.settings import Settings

_API = Path(__file__).parents[1] / "functions" / "api"
DOCUMENT = _API / "openapi.json"
EXAMPLES = _API / "chain_api" / "schemas" / "examples.json"
# Where no database is: none is asked for anything.
NOWHERE = SecretStr("mongodb://127.0.0.1:1")


def written(value: object) -> str:
    """Return JSON as it is committed: by lines, so that a change of it can be read."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """Return the document of an application that no database stands behind."""
    return create_app(connect(Settings(mongodb_uri=NOWHERE))).openapi()


def main() -> None:
    """Ask the application for its examples over a mongod of its own, then for its document."""
    with TemporaryDirectory() as folder, Mongod(Path(folder)) as mongod:
        database = open_database(Settings(mongodb_uri=SecretStr(mongod.uri)))
        record(database)
        EXAMPLES.write_text(written(examples(database)), encoding="utf-8")
        database.client.close()
    DOCUMENT.write_text(written(document()), encoding="utf-8")


if __name__ == "__main__":
    main()
