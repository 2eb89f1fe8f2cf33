"""POST /ingest as a form: a file has the name that its sender gave it, in each way in which clients write one."""

import httpx
import pytest

from tests.client import Client

NAMES = [
    (b'; filename="plain.txt"', "plain.txt"),
    ("; filename=\"Übersicht.txt\"".encode(), "Übersicht.txt"),
    (b"; filename*=utf-8''%C3%9Cbersicht.txt", "Übersicht.txt"),
    (b"; filename*=UTF-8'de'%C3%9Cbersicht.txt; filename=\"Ubersicht.txt\"", "Übersicht.txt"),
    (b'; filename="=?utf-8?B?w5xiZXJzaWNodC50eHQ=?="; filename*=utf-8\'\'%C3%9Cbersicht.txt', "Übersicht.txt"),
    (b'; filename="=?utf-8?B?w5xiZXJzaWNodC50eHQ=?="', "Übersicht.txt"),
    (b'; filename="=?iso-8859-1?Q?Se=F1al_2.txt?="', "Señal 2.txt"),
    (b'; filename="=?no-charset?B?w5w=?="', "=?no-charset?B?w5w=?="),
    (b"; filename*=iso-8859-1''%A3%20rates.txt", "£ rates.txt"),
    (b"; filename*=utf-8''%FF%FE; filename=\"fallback.txt\"", "fallback.txt"),
    (b'; filename="Se\xf1al.txt"', "Señal.txt"),
    (b'; filename="Release 1.2"', "Release 1.2"),
    (b'; filename="report.final"', "report.final"),
    (b'; filename="v2.0"', "v2.0"),
    (b'; filename="a;b=c.txt"', "a;b=c.txt"),
    (b'; filename="a \\"b\\".txt"', 'a "b".txt'),
    (b'; filename="a %22b%22.txt"', 'a "b".txt'),
    (b'; filename="100%25 %2e.txt"', "100%25 %2e.txt"),
    (b'; filename="C:\\docs\\May\\plan.txt"', "plan.txt"),
    (b'; filename="C:\\\\docs\\\\plan.txt"', "plan.txt"),
    (b'; filename="\\\\\\\\server\\\\share\\\\plan.txt"', "plan.txt"),
    (b"; filename*=utf-8''C%3A%5Cdocs%5Cplan.txt", "plan.txt"),
    (b'; filename="a/b.txt"', "a/b.txt"),
    (b"; filename=plain.txt", "plain.txt"),
]  # fmt: skip


def sent(client: Client, disposition: bytes, fields: bytes = b"") -> httpx.Response:
    """The answer to a form whose file has this rest of a Content-Disposition."""
    part = b'--X\r\nContent-Disposition: form-data; name="'
    content = part + b'collection"\r\n\r\nc\r\n' + fields + part + b'file"' + disposition
    return client.http.post(
        "/v1/artifacts/ingest",
        content=content + b"\r\n\r\nSome words of text.\r\n--X--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=X"},
    )


@pytest.mark.parametrize(("disposition", "name"), NAMES, ids=[repr(row[0]) for row in NAMES])
def test_a_file_is_stored_under_the_name_that_its_sender_gave_it(
    client: Client, disposition: bytes, name: str
) -> None:
    answer = sent(client, disposition)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"][0]["artifact"] == name
    assert answer.json()["data"][0]["doc_metadata"]["file_name"] == name
    assert client.text(name) == "Some words of text."


def test_a_file_without_a_name_needs_an_artifact(client: Client) -> None:
    assert sent(client, b'; filename=""').status_code == 422
    artifact = b'--X\r\nContent-Disposition: form-data; name="artifact"\r\n\r\na\r\n'
    answer = sent(client, b'; filename=""', artifact)
    assert answer.status_code == 200, answer.text
    assert client.text("a") == "Some words of text."


def test_a_json_body_may_begin_with_a_byte_order_mark(client: Client) -> None:
    body = '{"artifact": "a", "collection": "c", "input": {"type": "text", "value": "señal"}}'
    headers = {"Content-Type": "application/json"}
    answer = client.http.post("/v1/artifacts/ingest", content=body.encode("utf-8-sig"), headers=headers)
    assert answer.status_code == 200, answer.text
    assert client.text("a") == "señal"
    gone = client.http.post(
        "/v1/artifacts/delete",
        content='{"collection": "c", "artifact": "a"}'.encode("utf-8-sig"),
        headers=headers,
    )
    assert gone.status_code == 200
