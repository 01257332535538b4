"""The signed addresses of pictures: signed as boto3 signs, and the same for minutes."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from botocore.client import Config

from services.catalog.clients import PRESIGNED_URL_LIFETIME
from services.catalog.presigned_urls import URL_PERIOD, PresignedUrlSigner
from services.catalog.s3_credentials import Credentials, StaticCredentials
from services.catalog.tests.conftest import CONFIG

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
IMAGE = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"
PATH, QUERY = "/catalog-images/lamp 1.webp", {"response-content-type": "image/webp"}


def signer(now, url="http://127.0.0.1:9000", token="", **how):
    credentials = StaticCredentials(Credentials("shop", "s3cret/+", token))
    return PresignedUrlSigner(url, credentials, lifetime=PRESIGNED_URL_LIFETIME, now=lambda: now, **how)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000", "https://shop.example.com", "http://localhost/", "https://Shop.example.com:443"]
)
def test_an_address_is_signed_as_boto3_signs_it(url):
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="shop", aws_secret_access_key="s3cret/+", config=CONFIG
    )
    params = {"Bucket": "catalog-images", "Key": "lamp 1.webp", "ResponseContentType": "image/webp"}

    with patch("botocore.auth.get_current_datetime", return_value=NOON.replace(tzinfo=None)):
        theirs = client.generate_presigned_url("get_object", Params=params, ExpiresIn=900)
    ours = signer(NOON, url).sign(PATH, QUERY)

    our_parts, their_parts = urlsplit(ours), urlsplit(theirs)
    assert (our_parts.scheme, our_parts.path) == (their_parts.scheme, their_parts.path)
    assert our_parts.netloc == our_parts.netloc.lower().removesuffix(":443")  # what is signed, and sent in `Host`
    assert our_parts.hostname == their_parts.hostname
    assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(theirs).query)


@pytest.mark.parametrize(
    ("url", "addressing"),
    [("https://s3.eu-west-1.example.net", "path"), ("https://s3.eu-west-1.example.net:9000", "virtual")],
)
def test_an_address_names_region_and_token_as_boto3_does(url, addressing):
    config = Config(region_name="eu-west-1", signature_version="s3v4", s3={"addressing_style": addressing})
    theirs_by = boto3.client(
        "s3", endpoint_url=url, config=config,
        aws_access_key_id="shop", aws_secret_access_key="s3cret/+", aws_session_token="for an hour/+",
    )  # fmt: skip
    with patch("botocore.auth.get_current_datetime", return_value=NOON.replace(tzinfo=None)):
        theirs = theirs_by.generate_presigned_url(
            "get_object", Params={"Bucket": "catalog-images", "Key": f"{IMAGE}.webp"}, ExpiresIn=900
        )

    path = f"/{IMAGE}.webp" if addressing == "virtual" else f"/catalog-images/{IMAGE}.webp"
    base = url.replace("://", "://catalog-images.") if addressing == "virtual" else url
    ours = signer(NOON, base, token="for an hour/+", region="eu-west-1").sign(path)

    our_parts, their_parts = urlsplit(ours), urlsplit(theirs)
    assert our_parts[:3] == their_parts[:3]
    assert parse_qs(our_parts.query) == parse_qs(their_parts.query)


def test_an_address_is_the_same_for_its_period_and_then_another():
    first = signer(NOON).sign(PATH, QUERY)

    assert signer(NOON + URL_PERIOD - timedelta(seconds=1)).sign(PATH, QUERY) == first
    assert signer(NOON + URL_PERIOD).sign(PATH, QUERY) != first


async def test_an_address_opens_its_picture_and_no_other(s3, store):
    client, bucket = store
    for name in ("a", "b"):
        client.put_object(Bucket=bucket, Key=f"{name}.webp", Body=name.encode())
    credentials = StaticCredentials(Credentials(s3["access_key"], s3["secret_key"]))
    signer = PresignedUrlSigner(s3["url"], credentials, lifetime=PRESIGNED_URL_LIFETIME)
    link = signer.sign(f"/{bucket}/a.webp", QUERY)

    async with httpx.AsyncClient() as browser:
        assert (await browser.get(link)).content == b"a"
        assert (await browser.get(link.replace("a.webp", "b.webp"))).status_code == 403
