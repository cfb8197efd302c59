"""`python -m local.documentation`: writes the answers of the documented examples anew."""

from pathlib import Path
from tempfile import TemporaryDirectory

from local.documentation.examples import DOCUMENTS, application, with_answers
from local.mongod import Mongod
from local.openapi.example_archive import sealed_example
from local.openapi.example_session import record
from optionchain.mongo.client import open_database
from optionchain.settings import SecretStr, Settings


def main() -> None:
    """Ask the application every documented request, over a mongod of its own."""
    with TemporaryDirectory() as folder, Mongod(Path(folder)) as mongod:
        database = open_database(Settings(mongodb_uri=SecretStr(mongod.uri)))
        record(database)
        with sealed_example(database) as archive:
            client = application(database, archive)
            for document in DOCUMENTS:
                text = document.read_text(encoding="utf-8")
                document.write_text(with_answers(text, client), encoding="utf-8")
        database.client.close()


if __name__ == "__main__":
    main()
