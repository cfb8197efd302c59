"""`python -m local.openapi`: writes the OpenAPI document and its examples."""

from pathlib import Path
from tempfile import TemporaryDirectory

from local.mongod import Mongod
from local.openapi.document import DOCUMENT, EXAMPLES, document, written
from local.openapi.example_session import record
from local.openapi.examples import examples
from optionchain.mongo.client import open_database
from optionchain.settings import SecretStr, Settings


def main() -> None:
    """Write the examples of the application over its own mongod, then its document."""
    with TemporaryDirectory() as folder, Mongod(Path(folder)) as mongod:
        database = open_database(Settings(mongodb_uri=SecretStr(mongod.uri)))
        record(database)
        EXAMPLES.write_text(written(examples(database)), encoding="utf-8")
        database.client.close()
    DOCUMENT.write_text(written(document()), encoding="utf-8")


if __name__ == "__main__":
    main()
