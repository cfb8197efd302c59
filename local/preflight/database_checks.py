"""The checks of the secret and the database. Pure; no text holds a secret."""

from collections.abc import Mapping
from dataclasses import replace

from local.preflight.finding import Finding, not_checked
from local.preflight.observations import AwsFailure, PingResult, Secret
from optionchain.mongo.compressed_collections import Compression

# What a remedy names for the recorder's secret, and for the reader's.
_PARAMETERS = ("MongoSecretArn, or leave it empty", "MongoReaderSecretArn, or leave it empty")
_ATLAS = ("<password>", "<db_password>", "<username>", "<db_username>")


def secret_fits(secret: Secret | AwsFailure | None) -> Finding:
    """Check the secret of the MongoDB URI; None means that the deployment creates it."""
    subject = "secret"
    if isinstance(secret, AwsFailure):
        return not_checked(subject, "secretsmanager:GetSecretValue", secret)
    if secret is None:
        text = "the deployment creates it, without a value"
        return Finding("note", subject, text, "put the MongoDB URI into it afterwards")
    text = _fault_of_uri(secret.uri.get_secret_value() if secret.uri else "")
    if text:
        remedy = (
            f"aws secretsmanager put-secret-value --secret-id {secret.arn} --secret-string "
            "'mongodb+srv://user:password@cluster.example.mongodb.net/'"
        )
        return Finding("missing", subject, text, remedy)
    if secret.uri and secret.uri.get_secret_value().startswith("mongodb://"):
        text = "it holds a mongodb:// URI; Atlas gives mongodb+srv://"
        return Finding("note", subject, text, "correct for a server of your own")
    return Finding("ok", subject, "it holds a mongodb+srv:// URI")


def reader_fits(secret: Secret | AwsFailure | None) -> Finding:
    """Check the secret of the API's own user; None means that it has none."""
    if secret is None:
        text = "the API uses the recorder's user, who may write the data"
        remedy = "recommended: MongoReaderSecretArn (docs/operations.md, Users of the database)"
        return Finding("note", "reader", text, remedy)
    found = secret_fits(secret)
    return replace(found, subject="reader", remedy=found.remedy.replace(*_PARAMETERS))


def _fault_of_uri(uri: str) -> str:
    """Return what is wrong with the value of a secret; "" if it is correct."""
    if not uri.strip():
        return "it has no value yet"
    if any(part in uri for part in _ATLAS):
        return "its value still has one of Atlas's <placeholders>"
    if not uri.startswith(("mongodb+srv://", "mongodb://")):
        return "its value is not a mongodb+srv:// URI"
    return ""


def database_answers(answer: PingResult) -> Finding:
    """Check the database's answer to this machine; Lambda may have another network."""
    subject = "database"
    if answer == "answers":
        text = "it answers this machine; Lambda connects from other addresses"
        return Finding("ok", subject, f"{text}: see Network Access in Atlas")
    texts: dict[PingResult, tuple[str, str]] = {
        "invalid": ("the URI cannot be read", "percent-encode user and password"),
        "refused": (
            "it refuses the user or the password",
            "Database Access in Atlas; then the secret",
        ),
        "not_found": ("DNS does not know the cluster's name", "copy the URI from Atlas again"),
    }
    if answer in texts:
        return Finding("missing", subject, *texts[answer])
    text = "it does not answer this machine within seconds; Lambda's network may differ"
    remedy = "Network Access in Atlas must allow the addresses that Lambda comes from"
    return Finding("note", subject, text, remedy)


def compression_fits(found: Mapping[str, Compression | None] | None) -> Finding:
    """Check how the large collections are stored; None means that nobody tells."""
    subject = "compression"
    stored = {name: each for name, each in (found or {}).items() if each}
    if found is None or any(None in each for each in stored.values()):
        text = "not checked: the server does not tell, or the user lacks collStats"
        remedy = "docs/operations.md, Users of the database; /stats tells it, too"
        return Finding("note", subject, text, remedy)
    if not stored:
        text = "the first start makes the collections, with zstd if the server takes it"
        return Finding("ok", subject, text)
    if plain := [name for name, each in stored.items() if not each.is_zstd]:
        text = f"{', '.join(plain)}: not compressed with zstd, so twice the bytes"
        remedy = (
            "`make compact` after the close (docs/operations.md, Compress an older database); it "
            "says so if the server refuses zstd"
        )
        return Finding("note", subject, text, remedy)
    return Finding("ok", subject, f"{', '.join(stored)}: zstd for data and indexes")


def shards_fit(*, prepared: bool) -> Finding:
    """Check whether a sharded cluster spreads contracts and headers."""
    subject = "shards"
    if prepared:
        return Finding("ok", subject, "contracts and headers are spread by symbol and expiry")
    text = "this cluster has shards, and contracts and headers are on one of them"
    remedy = "`make shards`, before they outgrow it (docs/operations.md, More than one shard)"
    return Finding("note", subject, text, remedy)
