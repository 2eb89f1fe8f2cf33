"""What is no ingestion: addresses, names, metadata, bodies and texts that are refused, and how."""

import base64

import psutil
import pytest

from tests.client import Client, body, long_text
from tests.server import Server


@pytest.mark.parametrize("uri", ["file:///etc/hostname", "/etc/hostname", "ftp://x/y", "", "http://", "x"])
def test_what_is_no_fetchable_address_is_a_422(client: Client, uri: str) -> None:
    sent = body("u", "")
    sent["input"] = {"type": "uri", "value": uri}
    assert client.post("/ingest", sent).status_code == 422
    assert client.post("/ingest/async", {"ingest_body": sent}).status_code == 422


@pytest.mark.parametrize(
    "content",
    [
        ";base64,!!!",
        ";base64,eA=",
        ";base64,eA%3D",
        ";base64,eA==eA==",
        ";base64,=",
        ";base64,%",
        ",100%",
        ";base64," + "A" * 300_000 + "!",
        ";base64," + "A" * (64 * 1024 - 1) + "=AAAA",
    ],
    ids=lambda content: content[:20] + content[-5:],
)
def test_a_data_address_that_cannot_be_decoded_is_a_422_like_a_file(client: Client, content: str) -> None:
    refused = []
    for kind, value in (("uri", f"data:text/plain{content}"), ("file", "!!!")):
        sent = {**body("u", ""), "input": {"type": kind, "value": value}}
        assert client.post("/ingest", sent).status_code == 422
        answer = client.post("/ingest/async", {"ingest_body": sent})
        assert answer.status_code == 422, answer.text
        assert len(answer.text) < 1000
        refused.append(answer.json()["detail"][0])
    assert refused[0]["loc"] == ["body", "ingest_body", "input", "uri", "value"]
    assert refused[0]["type"] == refused[1]["type"]


@pytest.mark.parametrize("escaped", [False, True])
def test_a_long_data_address_that_can_be_decoded_is_taken(client: Client, escaped: bool) -> None:
    text = long_text(300)
    coded = base64.b64encode(text.encode()).decode()
    if escaped:
        coded = coded.replace("b", "%62").replace("=", "%3D")
    sent = {**body("u", ""), "input": {"type": "uri", "value": f"data:text/plain;base64,{coded}"}}
    assert client.post("/ingest", sent).status_code == 200
    assert client.text("u") == text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "169.254.169.254", "10.0.0.1"]
)
def test_private_addresses_are_refused(client: Client, host: str) -> None:
    sent = body("u", "")
    sent["input"] = {"type": "uri", "value": f"http://{host}:1/"}
    answer = client.post("/ingest", sent)
    assert answer.status_code in (400, 422), answer.text
    assert client.listed() == []


@pytest.mark.parametrize(
    "name", ["a/b", "..", "%2e", "../../../etc", "'; DROP TABLE node; --", "😀", '"', "x" * 255]
)
def test_names_are_data(client: Client, name: str) -> None:
    assert client.ingest(name, "text", collection=name).status_code == 200
    assert client.listed(name) == [name]
    assert client.text(name, collection=name) == "text"
    assert client.delete(name, collection=name).status_code == 200
    assert client.listed(name) == []


@pytest.mark.parametrize("name", ["", "x" * 256, "a\0b", "a\nb", "\x7f"])
def test_names_that_are_no_names_are_a_422(client: Client, name: str) -> None:
    assert client.ingest(name, "text").status_code == 422
    assert client.ingest("a", "text", collection=name).status_code == 422


@pytest.mark.parametrize(
    "metadata",
    [{"big": "x" * 1_000_000}, {"nul": "a\0b"}, {"a\0": 1}, {"huge": 10**30}],
    ids=["a megabyte", "NUL in a value", "NUL in a key", "a number over 64 bits"],
)
def test_metadata_that_cannot_be_kept_is_a_422(client: Client, metadata: dict[str, object]) -> None:
    answer = client.ingest("a", "text", metadata=metadata)
    assert answer.status_code == 422
    assert len(answer.text) < 1000
    assert client.listed() == []


def test_metadata_of_a_thousand_levels_is_a_422(client: Client) -> None:
    for levels in (17, 1_000, 100_000):
        nested = '{"a":' * levels + "1" + "}" * levels
        sent = '{"artifact":"a","metadata":' + nested + ',"input":{"type":"text","value":"x"}}'
        answer = client.http.post("/v1/artifacts/ingest", content=sent)
        assert answer.status_code == 422, levels


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"artifact": "a"}', b'{"artifact": "a", "input": 7}'],
)
def test_a_body_that_is_no_ingestion_is_a_422_in_fastapis_shape(client: Client, sent: bytes) -> None:
    answer = client.http.post("/v1/artifacts/ingest", content=sent)
    assert answer.status_code == 422
    assert {"loc", "msg", "type"} <= set(answer.json()["detail"][0])


@pytest.mark.parametrize(
    "sent",
    [
        b'{"artifact": "s\xff", "input": {"type": "text", "value": "x"}}',
        b'{"artifact": "s", "input": {"type": "text", "value": "x\xff"}}',
        b'{"artifact": "s", "input": {"type": "te\xffxt", "value": "x"}}',
    ],
)
def test_a_body_that_is_not_utf8_is_a_422(client: Client, sent: bytes) -> None:
    assert client.http.post("/v1/artifacts/ingest", content=sent).status_code == 422
    assert client.http.post("/v1/artifacts/delete", content=sent).status_code == 422


def test_a_form_in_a_charset_that_there_is_not_is_a_422(client: Client) -> None:
    answer = client.http.post(
        "/v1/artifacts/ingest",
        content=b'--B\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n\xff\r\n--B--\r\n',
        headers={"Content-Type": "multipart/form-data; charset=undefined; boundary=B"},
    )
    assert answer.status_code == 422


def test_fields_that_nobody_asked_for_cost_no_memory(server: Server, client: Client) -> None:
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    unknown = b",".join([b'{"a":1}'] * 4_000_000)
    sent = b'{"artifact":"x","input":{"type":"text","value":"x"},"unknown":[' + unknown + b"]}"
    assert client.http.post("/v1/artifacts/ingest", content=sent).status_code == 200
    assert process.memory_info().rss - before < 200 * 1024 * 1024
    known = b'{"artifact":"x","input":{"type":"text","value":"x"},"metadata":{"a":[' + unknown + b"]}}"
    assert client.http.post("/v1/artifacts/ingest", content=known).status_code == 413
    assert process.memory_info().rss - before < 200 * 1024 * 1024


def test_a_host_that_there_is_not_is_refused_at_once(client: Client) -> None:
    sent = body("u", "")
    sent["input"] = {"type": "uri", "value": "http://nosuch.invalid/x"}
    answer = client.post("/ingest", sent)
    assert answer.status_code == 400
    assert "nosuch.invalid" in answer.json()["detail"]


def test_text_with_nul_is_refused(client: Client) -> None:
    assert client.ingest("n", "a\0b").status_code == 422
    assert client.listed() == []


def test_a_file_whose_name_and_content_differ_is_refused_with_both(client: Client) -> None:
    sent = body("r", "plain text", metadata={"file_name": "report.pdf"})
    answer = client.post("/ingest", sent)
    assert answer.status_code == 400
    assert "report.pdf" in answer.json()["detail"]
