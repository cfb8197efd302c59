"""The check of a rehearsed archive: a day is sealed into the bucket, and answers from there."""

import json
from collections.abc import Iterator
from http import HTTPStatus

from local.rehearsal.past_day import PastDay, copy_to_past, delete_past
from local.rehearsal.rehearsal import CheckResult, Rehearsal
from optionchain.archive.layout import files_of, manifest_key

# MongoDB still has this day when it is sealed. The API then gets a retention in which it is over.
_DAYS_AGO, _API_RETENTION_DAYS = 3, 1


def archive(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """A day is sealed, MongoDB lets it go, and the API answers from the bucket."""
    if not rehearsal.stack.has("ArchiveFunction"):
        yield CheckResult("the stage has no archive (Archive=false)")
        return
    past = copy_to_past(rehearsal.database, rehearsal.symbols[0], _DAYS_AGO)
    answer = rehearsal.ministack.client("lambda").invoke(
        FunctionName=rehearsal.stack.physical("ArchiveFunction"),
        Payload=json.dumps({"symbol": past.symbol, "day": past.day.isoformat()}),
    )
    said = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        yield CheckResult(f"the archive function sealed nothing: {said[:500]}", ok=False)
        return
    yield CheckResult(f"the archive function sealed {past.symbol} of {past.day}")
    yield _objects(rehearsal, past)
    delete_past(rehearsal.database, past)
    shorter = {"RETENTION_DAYS": str(_API_RETENTION_DAYS)}
    rehearsal.stack.set_environment(shorter, ["ApiFunction"])
    yield from _answers(rehearsal, past)


def _objects(rehearsal: Rehearsal, past: PastDay) -> CheckResult:
    (bucket,) = rehearsal.stack.of_kind("AWS::S3::Bucket")
    found = rehearsal.ministack.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    keys = {each["Key"]: each["Size"] for each in found}
    files = [key for key in keys if key.startswith(files_of(past.symbol, past.day))]
    complete = manifest_key(past.symbol, past.day) in keys and bool(files)
    text = f"the bucket has its manifest and {len(files)} files, {sum(keys.values()):,} bytes"
    return CheckResult(text, complete)


def _answers(rehearsal: Rehearsal, past: PastDay) -> Iterator[CheckResult]:
    listed = rehearsal.api.get("/archive")
    days = len(json.loads(listed.body).get("records", ()))
    text = f"GET /archive {listed.status}, {days} sealed day"
    yield CheckResult(text, listed.status == HTTPStatus.OK and days == 1)
    path = (
        f"/option-chain/{past.symbol}?expiry={past.expiry_date}&as_of={past.at:%Y-%m-%dT%H:%M:%SZ}"
    )
    cold = rehearsal.api.get(path)
    chain = json.loads(cold.body)
    contracts = sum(len(chain.get(side, ())) for side in ("calls", "puts"))
    text = f"GET {path} {cold.status}, {contracts} contracts from the {cold.storage}"
    yield CheckResult(text, contracts == past.contracts and cold.storage == "archive")
