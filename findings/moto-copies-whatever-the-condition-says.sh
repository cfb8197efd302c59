#!/usr/bin/env bash
# moto 5.2.5 (with boto3 1.44.5), seen 29 November 2026.
#
# S3 takes conditions for requests: If-None-Match: * writes an object only if there is none, If-Match only if it still
# has this ETag. They are how several writers agree on one object. moto is what tests use in place of S3.
#
# Likely guess: moto either knows these conditions or raises NotImplementedError.
# Behaviour: put_object, delete_object, head_object and get_object keep them: 412 PreconditionFailed, and nothing
# changes. copy_object takes all of them, IfNoneMatch, IfMatch and CopySourceIfMatch, which S3 has had for many years,
# and copies over the object whatever they say. delete_objects takes the ETag of each object and deletes whatever it is.
#
# Why it matters: "write to another key, then copy it to its name if nobody was faster" is a usual way to publish. In
# the test the second writer wins in silence, and what it does after a 412 is never run. A test of the put alone is
# green and looks like proof that moto keeps conditions. Publish by put_object, or test a copy on S3 itself.
#
# Run it with a Python from 3.11 on: PYTHON=python3.13 findings/moto-copies-whatever-the-condition-says.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'moto[s3]==5.2.5' boto3==1.44.5
cd "$folder"
export AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=us-east-1
venv/bin/python - <<'PYTHON'
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

BUCKET, OTHER = "archive", '"00000000000000000000000000000000"'


def attempt(request, **condition):
    """Return the status of a request on an object `day`, and what the object holds afterwards."""
    client.put_object(Bucket=BUCKET, Key="day", Body=b"first")
    client.put_object(Bucket=BUCKET, Key="new", Body=b"second")
    try:
        status = request(Bucket=BUCKET, **condition)["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    try:
        held = client.get_object(Bucket=BUCKET, Key="day")["Body"].read().decode()
    except client.exceptions.NoSuchKey:
        held = "deleted"
    return status, held


with mock_aws():
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    put = {"Key": "day", "Body": b"second"}
    copy = {"Key": "day", "CopySource": f"{BUCKET}/new"}
    several = {"Delete": {"Objects": [{"Key": "day", "ETag": OTHER}]}}
    kept = {
        "put_object IfNoneMatch": attempt(client.put_object, IfNoneMatch="*", **put),
        "put_object IfMatch": attempt(client.put_object, IfMatch=OTHER, **put),
        "delete_object IfMatch": attempt(client.delete_object, Key="day", IfMatch=OTHER),
        "head_object IfMatch": attempt(client.head_object, Key="day", IfMatch=OTHER),
        "get_object IfMatch": attempt(client.get_object, Key="day", IfMatch=OTHER),
    }
    ignored = {
        "copy_object IfNoneMatch": attempt(client.copy_object, IfNoneMatch="*", **copy),
        "copy_object IfMatch": attempt(client.copy_object, IfMatch=OTHER, **copy),
        "copy_object CopySourceIfMatch": attempt(client.copy_object, CopySourceIfMatch=OTHER, **copy),
        "delete_objects ETag": attempt(client.delete_objects, **several),
    }

print("An object holds `first`; the condition of each request is not met.")
for name, (status, held) in (kept | ignored).items():
    print(f"{name:30}{status}, the object holds: {held}")
for name, answer in kept.items():
    assert answer == (412, "first"), name
for name, answer in ignored.items():
    assert answer == (200, "deleted" if name.startswith("delete") else "second"), name
PYTHON
echo "As described: a copy overwrites an object that its condition protects."
