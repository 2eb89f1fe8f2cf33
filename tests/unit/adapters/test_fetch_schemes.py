"""data: and s3: addresses, and the names that files get."""

import base64
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lethe.adapters.fetch import Fetched, S3Access, fetch
from lethe.adapters.fetch.names import file_name
from lethe.domain.errors import InputRejected
from tests.unit.adapters.fetching import LIMITS, get, refused


@pytest.mark.parametrize(
    ("uri", "content", "kind", "name"),
    [
        ("data:,caf%C3%A9", "café".encode(), "text/plain", "document.txt"),
        ("data:text/html;charset=utf-8,%3Cp%3E", b"<p>", "text/html", "document.html"),
        ("data:application/pdf;base64,JVBERi0=", b"%PDF-", "application/pdf", "document.pdf"),
        ("data:application/x-odd;base64,%2B%2B%2B%2B", b"\xfb\xef\xbe", "application/x-odd", None),
        ("DATA:;BASE64,eA==", b"x", "text/plain", "document.txt"),
        ("data:text/plain,", b"", "text/plain", "document.txt"),
    ],
)
async def test_a_data_address_gives_its_content(
    uri: str, content: bytes, kind: str, name: str | None, tmp_path: Path
) -> None:
    assert await get(uri, tmp_path / "out") == Fetched(name, kind, len(content))
    assert (tmp_path / "out").read_bytes() == content


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("data:;base64,eA=", "base64"),
        ("data:;base64,e!==", "base64"),
        ("data:;base64,eA%20==", "base64"),
        ("data:,100%", "hex digits"),
        ("data:," + "x" * 200_001, "more than 200000 bytes"),
        ("data:;base64," + base64.b64encode(b"x" * 200_001).decode(), "more than 200000 bytes"),
    ],
)
async def test_a_damaged_or_large_data_address_is_rejected(uri: str, reason: str, tmp_path: Path) -> None:
    assert reason in await refused(InputRejected, uri, tmp_path / "out")


@pytest.fixture(scope="module")
def s3_access() -> Iterator[S3Access]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 takes a second to load

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for path, body in (("", None), ("/a/b%20c/%2520%C3%BC.txt", b"object"), ("/large", b"x" * 200_001)):
        request = urllib.request.Request(f"{endpoint}/docs{path}", data=body, method="PUT")
        request.add_header("Content-Type", "text/plain")
        urllib.request.urlopen(request).close()
    aws = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "very-secret", "AWS_ENDPOINT_URL": endpoint}
    yield S3Access(frozenset({"docs"}), aws)
    moto.stop()


async def test_an_object_of_an_allowed_bucket_arrives_under_its_key_as_written(
    s3_access: S3Access, tmp_path: Path
) -> None:
    got = await fetch("s3://docs/a/b c/%20ü.txt", tmp_path / "out", limits=LIMITS, s3_access=s3_access)
    assert got == Fetched("%20ü.txt", "text/plain", 6)
    assert (tmp_path / "out").read_bytes() == b"object"


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("s3://other/key", "LETHE_FETCH_S3_BUCKETS"),
        ("s3://docs/missing", "no object 'missing'"),
        ("s3://docs/large", "larger than 200000 bytes"),
    ],
)
async def test_what_may_not_be_read_from_s3_is_rejected(
    uri: str, reason: str, s3_access: S3Access, tmp_path: Path
) -> None:
    with pytest.raises(InputRejected, match=reason):
        await fetch(uri, tmp_path / "out", limits=LIMITS, s3_access=s3_access)
    assert not (tmp_path / "out").exists()
    assert "very-secret" not in repr(s3_access)


async def test_no_bucket_is_allowed_unless_the_operator_lists_it(tmp_path: Path) -> None:
    assert "LETHE_FETCH_S3_BUCKETS" in await refused(InputRejected, "s3://docs/key", tmp_path / "out")


@pytest.mark.parametrize(
    ("path", "kind", "disposition", "name"),
    [
        ("/a/b.pdf", "application/pdf", "", "b.pdf"),
        ("/a/", "text/html", "", "document.html"),
        ("/a/", None, "", None),
        ("/pdf/2310.06825", "application/pdf", "", "2310.06825.pdf"),
        ("/page.php", "text/html", "", "page.php.html"),
        ("/README", "text/plain", "", "README.txt"),
        ("/x", None, 'attachment; filename="from header.docx"', "from header.docx"),
        ("/x", None, "attachment; filename*=UTF-8''na%C3%AFve%20file.txt", "naïve file.txt"),
        ("/x", None, 'attachment; filename="../../etc/passwd"', "passwd"),
        ("/x", None, 'attachment; filename="C:\\\\temp\\\\evil.exe"', "evil.exe"),
        ("/x.txt", None, 'attachment; filename=".."', "x.txt"),
        ("/x.txt", None, "attachment; filename*=nonsense''%ff", "ÿ"),
        ("/a\x00\r\nb.txt", None, "", "ab.txt"),
        ("/" + "n" * 300 + ".pdf", None, "", "n" * 251 + ".pdf"),
    ],
)
def test_a_file_name_is_one_clean_segment(
    path: str, kind: str | None, disposition: str, name: str | None
) -> None:
    assert file_name(path, kind, disposition) == name


@given(st.text(), st.sampled_from([None, "text/html", "x/y"]), st.text())
def test_no_header_and_no_path_makes_a_name_that_is_unsafe(
    path: str, kind: str | None, disposition: str
) -> None:
    name = file_name(path, kind, disposition)
    name_star = file_name(path, kind, f"attachment; filename*={disposition}; filename={path}")
    for one in (name, name_star):
        assert one is None or (
            0 < len(one) <= 255 and not set(one) & set("/\\\0\r\n") and one.strip(".") != ""
        )
