"""An archive in a bucket: what is sent to S3, and in which words its refusals are told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from optionchain.archive.object_store import ObjectStore
from optionchain.archive.object_stores import open_store
from optionchain.archive.s3_store import S3Store, s3_client
from optionchain.errors import ArchiveUnavailable
from tests.support.bucket import simulated_bucket
from tests.support.secret import REGION

KEY = "manifests/M_M/2026-11-27.json"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    """A store under a prefix of a bucket, in a simulated AWS."""
    with simulated_bucket(monkeypatch):
        yield S3Store("s3://chains/own/archive")


def test_setting_names_a_bucket_and_a_prefix(store: S3Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"PAR1")
    store.upload("files/a.parquet", tmp_path / "file")
    store.replace(KEY, b"{}", None)
    listed = boto3.client("s3").list_objects_v2(Bucket="chains")["Contents"]
    assert [each["Key"] for each in listed] == ["own/archive/files/a.parquet", f"own/archive/{KEY}"]
    assert [info.key for info in store.keys("")] == ["files/a.parquet", KEY]
    opened: ObjectStore = open_store("s3://chains/own/archive")
    assert opened.url == store.url == "s3://chains/own/archive"
    assert opened.read(KEY) == store.read(KEY)


def test_objects_are_stored_with_their_sha256(store: S3Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"PAR1")
    store.upload("files/a.parquet", tmp_path / "file")
    store.replace(KEY, b"{}", None)
    for key in ("files/a.parquet", KEY):
        head = boto3.client("s3").head_object(
            Bucket="chains", Key=f"own/archive/{key}", ChecksumMode="ENABLED"
        )
        assert "ChecksumSHA256" in head, key


def test_long_lists_are_read_to_their_end(store: S3Store) -> None:
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    keys = [f"manifests/NIFTY/{number:05}.json" for number in range(2_005)]
    for key in keys:
        backend.put_object("chains", f"own/archive/{key}", b"{}")
    assert [info.key for info in store.keys("manifests/")] == keys


def test_link_is_signed_for_one_object_and_for_an_hour_at_most(store: S3Store) -> None:
    url = urlsplit(store.link("files/M_M/x.parquet", 300) or "")
    query = parse_qs(url.query)
    assert (url.scheme, url.path) == ("https", "/own/archive/files/M_M/x.parquet")
    assert url.netloc == f"chains.s3.{REGION}.amazonaws.com"
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["300"]
    for asked, given in ((10**9, "3600"), (-1, "1")):
        query = parse_qs(urlsplit(store.link(KEY, asked) or "").query)
        assert query["X-Amz-Expires"] == [given]


def test_patience_is_bounded(store: S3Store) -> None:  # noqa: ARG001  (simulates AWS)
    config = s3_client("chains").meta.config
    seconds = config.connect_timeout + config.read_timeout
    assert config.retries["total_max_attempts"] * seconds < 29


def test_name_of_a_bucket_is_in_the_host_only_of_aws(
    store: S3Store,  # noqa: ARG001  (simulates AWS)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    styles = [s3_client(name).meta.config.s3["addressing_style"] for name in ("chains", "my.own")]
    assert styles == ["virtual", "path"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://minio:9000")
    client = s3_client("chains")
    assert client.meta.config.s3["addressing_style"] == "path"
    assert client.meta.endpoint_url == "http://minio:9000"


def test_no_client_is_made_before_it_is_needed() -> None:
    def connect(_: str) -> Any:  # noqa: ANN401
        raise AssertionError

    assert S3Store("s3://chains", connect).url == "s3://chains"


class Refusing:
    """A client of S3 that fails in one way, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Any:  # noqa: ANN401
        def fail(*_: object, **__: object) -> None:
            raise self._error

        return fail


def refusal(code: str, message: str = "", **headers: str) -> ClientError:
    """Return the error of an answer of S3."""
    answer = {"Error": {"Code": code, "Message": message}}
    metadata = {"ResponseMetadata": {"HTTPHeaders": {**headers}}}
    return ClientError(answer | metadata, "GetObject")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refusal("NoSuchBucket"), "there is no such bucket (NoSuchBucket)"),
        (refusal("AccessDenied"), "s3:ListBucket on the bucket (AccessDenied)"),
        (refusal("403"), "s3:GetObject, s3:PutObject and s3:DeleteObject"),
        (refusal("PermanentRedirect"), "the bucket is in another region: set AWS_REGION"),
        (
            refusal("301", **{"x-amz-bucket-region": "eu-west-1"}),
            "the bucket is in eu-west-1: set AWS_REGION to that (301)",
        ),
        (refusal("AuthorizationHeaderMalformed"), "another region"),
        (refusal("ExpiredToken"), "the credentials have expired"),
        (refusal("InvalidAccessKeyId"), "the credentials are not known"),
        (refusal("SlowDown"), "too many requests at once"),
        (refusal("InvalidObjectState"), "must be restored"),
        (refusal("Strange", "by a new rule"), "by a new rule (Strange)"),
        (NoCredentialsError(), "there are no credentials of AWS"),
        (NoRegionError(), "set AWS_REGION"),
        (EndpointConnectionError(endpoint_url="https://s3"), "EndpointConnectionError"),
        (ReadTimeoutError(endpoint_url="https://s3"), "ReadTimeoutError"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_every_refusal_is_unavailable_in_words(
    error: Exception, words: str, tmp_path: Path
) -> None:
    store = S3Store("s3://chains/own", lambda _: Refusing(error))
    (tmp_path / "file").write_bytes(b"PAR1")
    for call in (
        lambda: store.read(KEY),
        lambda: store.download(KEY, tmp_path / "copy"),
        lambda: store.upload(KEY, tmp_path / "file"),
        lambda: store.replace(KEY, b"{}", None),
        lambda: list(store.keys("")),
        lambda: list(store.folders("")),
        lambda: store.delete(KEY),
        lambda: store.link(KEY, 60),
    ):
        with pytest.raises(ArchiveUnavailable) as caught:
            call()
        assert str(caught.value).startswith("s3://chains/own: ")
        assert words in str(caught.value)
    assert not (tmp_path / "copy").exists()


def test_client_that_cannot_be_made_is_unavailable() -> None:
    def connect(_: str) -> Any:  # noqa: ANN401
        raise NoRegionError

    with pytest.raises(ArchiveUnavailable):
        S3Store("s3://chains", connect).read(KEY)
