"""A line of a preflight."""

from dataclasses import dataclass
from typing import Literal

from local.preflight.observations import AwsFailure


@dataclass(frozen=True)
class Finding:
    """One line of a preflight; a `missing` thing keeps a deployment from working.

    `remedy` says what to do. No text ever holds the value of a secret.
    """

    level: Literal["ok", "note", "missing"]
    subject: str
    text: str
    remedy: str = ""


def not_checked(subject: str, action: str, trouble: AwsFailure) -> Finding:
    """Judge that AWS did not tell; `action` is what it takes to ask."""
    if trouble.kind == "denied":
        text = f"not checked: these credentials lack {action}"
        return Finding("note", subject, text, "look at it in the console, or allow the action")
    if (subject, trouble.code) == ("secret", "ResourceNotFoundException"):
        text = "there is no such secret in this region"
        return Finding("missing", subject, text, "correct MongoSecretArn, or leave it empty")
    return Finding("missing", subject, f"AWS did not tell: {trouble.code}", "try again")
