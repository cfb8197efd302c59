"""An archive in a bucket of a simulated S3, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import boto3
import pytest

from optionchain.archive.s3_store import S3Store
from optionchain.settings import Settings
from tests.support.manifests import seal
from tests.support.secret import REGION, simulated_aws

URL = "s3://chains/own"


@contextmanager
def simulated_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    """Make an empty bucket; return the store under a prefix of it."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    with simulated_aws(monkeypatch):
        where = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket="chains", CreateBucketConfiguration=where)
        yield S3Store(URL)


@contextmanager
def sealed_bucket(monkeypatch: pytest.MonkeyPatch, day: date) -> Iterator[Settings]:
    """Make a bucket with one sealed day of M&M; return the settings that name it."""
    with simulated_bucket(monkeypatch) as store:
        seal(store, "M&M", day)
        yield Settings(archive_url=URL)
