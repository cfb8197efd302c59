"""What a preflight makes of the secret and the database: pure functions, and no secret in them."""

from local.preflight.finding import Finding, not_checked
from local.preflight.observations import AwsFailure, PingResult, Secret

_ATLAS = ("<password>", "<db_password>", "<username>", "<db_username>")


def secret_fits(secret: Secret | AwsFailure | None) -> Finding:
    """Judge the secret of the MongoDB URI; None is one that the deployment will make."""
    subject = "secret"
    if isinstance(secret, AwsFailure):
        return not_checked(subject, "secretsmanager:GetSecretValue", secret)
    if secret is None:
        text = "the deployment makes it, without a value"
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
        return Finding("note", subject, text, "right for a server of your own")
    return Finding("ok", subject, "it holds a mongodb+srv:// URI")


def _fault_of_uri(uri: str) -> str:
    """Return what is wrong with the value of a secret; "" for nothing."""
    if not uri.strip():
        return "it has no value yet"
    if any(part in uri for part in _ATLAS):
        return "its value still has one of Atlas's <placeholders>"
    if not uri.startswith(("mongodb+srv://", "mongodb://")):
        return "its value is no mongodb+srv:// URI"
    return ""


def database_answers(answer: PingResult) -> Finding:
    """Judge what the database answered to this machine; Lambda's network may be another."""
    subject = "database"
    if answer == "answers":
        text = "it answers from here; Lambda asks from other addresses"
        return Finding("ok", subject, f"{text}: see Network Access in Atlas")
    texts: dict[PingResult, tuple[str, str]] = {
        "invalid": ("the URI cannot be read", "percent-encode user and password"),
        "refused": ("it refuses user or password", "Database Access in Atlas; then the secret"),
        "not_found": ("the cluster's name is not known to DNS", "copy the URI from Atlas again"),
    }
    if answer in texts:
        return Finding("missing", subject, *texts[answer])
    text = "it does not answer from here within seconds, which says little about Lambda's network"
    remedy = "Network Access in Atlas must allow the addresses that Lambda comes from"
    return Finding("note", subject, text, remedy)
