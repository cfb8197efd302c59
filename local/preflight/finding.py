"""The result of one check."""

from dataclasses import dataclass
from typing import Literal

from local.preflight.observations import AwsFailure


@dataclass(frozen=True)
class Finding:
    """One line of a preflight; something `missing` prevents a deployment.

    `remedy` says what to do. No text holds the value of a secret.
    """

    level: Literal["ok", "note", "missing"]
    subject: str
    text: str
    remedy: str = ""


def not_checked(subject: str, action: str, failure: AwsFailure) -> Finding:
    """Return the finding of a failed request; `action` is the permission that it needs."""
    if failure.kind == "denied":
        text = f"not checked: these credentials lack {action}"
        return Finding("note", subject, text, "check it in the console, or allow the action")
    if (subject, failure.code) == ("secret", "ResourceNotFoundException"):
        text = "there is no such secret in this region"
        return Finding("missing", subject, text, "correct MongoSecretArn, or leave it empty")
    return Finding(
        "missing", subject, f"AWS did not answer the question: {failure.code}", "try again"
    )
