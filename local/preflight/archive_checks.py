"""The checks of the archive: its bucket, and the days that are not sealed. Pure."""

from collections.abc import Mapping

from local.preflight.finding import Finding, not_checked
from local.preflight.observations import ArchiveDays, AwsFailure, Bucket

_NAMED = 3


def is_wanted(parameters: Mapping[str, str]) -> bool:
    """Tell whether a deployment with these parameters has an archive."""
    return parameters.get("Archive", "true") == "true"


def bucket_fits(found: Bucket | AwsFailure | None) -> Finding:
    """Check the bucket and the rights of the archive function; None: it is not deployed yet."""
    subject = "archive"
    if found is None:
        return Finding("ok", subject, "the deployment makes its bucket")
    if isinstance(found, AwsFailure):
        if found.code in ("404", "NoSuchBucket"):
            text = "its bucket is gone, so nothing can be sealed"
            remedy = "docs/operations.md, The archive: a stack that gets an archive again"
            return Finding("missing", subject, text, remedy)
        if found.code == "403":
            found = AwsFailure("denied", found.code)
        return not_checked(subject, "s3:ListBucket", found)
    if isinstance(found.denied, AwsFailure):
        return not_checked(subject, "iam:SimulatePrincipalPolicy", found.denied)
    if found.denied:
        text = f"the archive function may not {', '.join(found.denied)} in {found.name}"
        return Finding("missing", subject, text, "`make deploy`; or a policy of the account denies")
    return Finding("ok", subject, f"{found.name} is there, and the archive function may write it")


def days_fit(found: ArchiveDays | None) -> Finding:
    """Check that every past day is sealed; None where the database does not tell."""
    subject = "sealed days"
    if found is None:
        text = "not checked: the database does not tell"
        return Finding("note", subject, text, "`/health` says it")
    days = f"{len(found.unsealed)} past days of symbols"
    if found.unsealed:
        named = ", ".join(found.unsealed[:_NAMED])
        kept = f"everything is kept {found.extra_days} days longer" if found.extra_days else ""
        text = "; ".join(filter(None, [f"{days} are not sealed, such as {named}", kept]))
        remedy = "docs/operations.md, When a day is not sealed; or `make archive`"
        return Finding("note", subject, text, remedy)
    if found.lost:
        text = f"{len(found.lost)} days were deleted unsealed, such as {found.lost[0]}"
        return Finding("note", subject, text, "`make backfill` has their ends of day")
    return Finding("ok", subject, f"{found.sealed} are sealed, and none is left")


def needed_rights(bucket: str) -> dict[str, tuple[str, ...]]:
    """Return what the archive function needs, by the ARN that it needs it for."""
    return {
        f"arn:aws:s3:::{bucket}/manifests/any": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        f"arn:aws:s3:::{bucket}": ("s3:ListBucket",),
    }
