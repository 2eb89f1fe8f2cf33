"""Which addresses are fetched from. All that is refused here is refused without a connection."""

import contextlib
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lethe.adapters.fetch import check_uri, fetch
from lethe.adapters.fetch.addresses import is_public
from lethe.domain.errors import InputRejected, InvalidRequest
from lethe.domain.limits import Limits

PRIVATE = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
    169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1
    198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1
    64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1
    2001:db8::1 2002:7f00:1:: 2002:0808:0808:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1
    ff02::1 ff0e::1 4000::1
"""
PUBLIC = "8.8.8.8 1.1.1.1 172.32.0.1 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8"


@pytest.mark.parametrize("text", PRIVATE.split())
def test_this_address_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC.split())
def test_this_address_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "017700000001",
        "0177.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "169.254.169.254",
        "2852039166",
        "10.0.0.1:8080",
        "192.168.0.1",
        "100.64.0.1",
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "127\u30020\u30020\u30021",
        "224.0.0.1",
    ],
)
async def test_a_private_host_is_refused_in_every_spelling(host: str, tmp_path: Path) -> None:
    with pytest.raises((InputRejected, InvalidRequest)) as caught:
        await fetch(f"http://{host}/secret", tmp_path / "out", limits=Limits())
    if isinstance(caught.value, InputRejected):
        assert "LETHE_FETCH_ALLOW_PRIVATE" in str(caught.value)
        assert "The host '" in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "uri",
    [
        "",
        " ",
        "/etc/passwd",
        "etc/passwd",
        "../secret",
        "C:\\file.txt",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://example.com/x",
        "gopher://example.com/",
        "jar:http://example.com/x",
        "url:http://example.com",
        "dict://example.com:11211/",
        "ldap://example.com",
        "//example.com/x",
        "example.com",
        "http:example.com",
        "http:/example.com",
        "http://",
        "http:///x",
        "http://?x",
        "http://#x",
        "http://:80/",
        " http://example.com/",
        "http://example.com/ ",
        "http://exa mple.com/",
        "http://example.com/a b",
        "http://example.com/\r\nHost: x",
        "http://example.com/\x00",
        "http://example.com/\x7f",
        "http://exam\tple.com/",
        "http://user@example.com/",
        "http://user:password@example.com/",
        "http://@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1\\.example.com/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:99999999999999999999/",
        "http://example.com:port/",
        "http://example..com/",
        "http://.example.com/",
        "http://example.com./",
        "http://-example.com/",
        "http://" + "a" * 64 + ".com/",
        "http://" + "a." * 127 + "com/",
        "http://exa%6dple.com/",
        "http://example.com%00.evil.com/",
        "http://[::1",
        "http://[::1%25lo]/",
        "http://[fe80::1%eth0]/",
        "http://[127.0.0.1]/",
        "http://[v1.x]/",
        "http://256.1.1.1/",
        "http://0177.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://example.com/" + "a" * 70_000,
        "s3:bucket/key",
        "s3:///key",
        "s3://bucket",
        "s3://bucket/",
        "s3://bucket/a//b",
        "s3://bucket/../x",
        "s3://user@bucket/x",
        "s3://Bucket/x",
        "s3://bucket/x\n",
        "s3://bucket/" + "k" * 1025,
        "data:",
        "data:text/plain",
        "data:text/plain;base64",
        "data:nonsense,x",
        "data:text/plain;base64;x=y,eA==",
        "data:text/plain,a b",
        "data:text/plain,a\nb",
        "data:text/plain,é",
        "data:" + "a/" + "b" * 600 + ",x",
    ],
)
def test_an_address_of_a_wrong_shape_is_refused_before_any_network(uri: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_uri(uri)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "uri",
    [
        "http://example.com",
        "HTTPS://Example.com:8443/a/b.pdf?x=1&y=@b#part",
        "http://münchen.de/ü?q=ü",
        "http://xn--mnchen-3ya.de/",
        "http://my_host.example.com/",
        "http://[2606:4700::1111]:8080/x",
        "http://example.com/@user/a:b",
        "http://intranet/file",
        "s3://bucket.name/a/b c/%20ü.pdf",
        "data:,hello",
        "data:text/plain;charset=utf-8,caf%C3%A9",
        "data:application/pdf;base64,JVBERi0=",
        "DATA:;base64,eA==",
    ],
)
def test_an_address_of_a_right_shape_passes(uri: str) -> None:
    check_uri(uri)


@given(
    st.one_of(
        st.text(max_size=60), st.text(max_size=60).map("http://".__add__), st.text().map("data:".__add__)
    )
)
def test_any_text_is_either_an_address_or_an_invalid_request(uri: str) -> None:
    with contextlib.suppress(InvalidRequest):
        check_uri(uri)
