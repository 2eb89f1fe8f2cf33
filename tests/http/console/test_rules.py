"""Who gets what from the console: sign-in, sessions, rights, and what answers tell a browser; without one."""

import re
from http.client import HTTPConnection
from itertools import islice

import httpx

from lethe.console.pages.library import PAGE
from tests.client import TLS, Client, bare
from tests.http.console.conftest import Enter
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS, until


def made(client: Client, text: str, title: str = "Paper.md") -> str:
    """The id of a new document that is indexed."""
    node = client.http.post("/v1/knowledge/documents", json={"title": title, "markdown": text}).json()
    address = f"/v1/knowledge/nodes/{node['id']}"
    until(lambda: client.http.get(address).json()["last_ingestion"]["status"] == "success")
    return str(node["id"])


def test_the_first_address_is_the_console_for_a_browser_and_json_for_a_program(server: Server) -> None:
    with httpx.Client(base_url=server.url, timeout=PATIENCE_SECONDS, trust_env=False, verify=TLS) as http:
        assert http.get("/").json()["name"] == "Lethe"
        page = http.get("/", headers={"accept": "text/html,*/*;q=0.8"}, follow_redirects=True)
    assert page.url.path == "/console/sign-in"
    assert page.headers["content-type"].startswith("text/html")


def test_every_page_leads_to_the_sign_in_and_back_to_itself(server: Server, client: Client) -> None:
    with httpx.Client(
        base_url=server.url, timeout=PATIENCE_SECONDS, trust_env=False, verify=TLS, follow_redirects=True
    ) as http:
        page = http.get("/console/tasks?status=failure")
        assert page.url.path == "/console/sign-in"
        (then,) = re.findall(r'name="then" value="([^"]*)"', page.text)[:1]
        signed_in = http.post("/console/sign-in", data={"token": client.token, "then": then})
        assert signed_in.url.raw_path == b"/console/tasks?status=failure"
        elsewhere = http.post("/console/sign-in", data={"token": client.token, "then": "//example.com/"})
        assert elsewhere.url.host == "127.0.0.1"


def test_the_cookie_is_for_the_browser_alone_and_pages_run_only_own_files(
    server: Server, client: Client, enter: Enter
) -> None:
    answer = bare("POST", f"{server.url}/console/sign-in", data={"token": client.token})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.token not in cookie
    page = enter(client).get("/library")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page.text)


def test_a_session_ends_with_sign_out_and_with_its_token(
    server: Server, client: Client, enter: Enter
) -> None:
    one, other = enter(client), enter(client)
    assert one.post("/sign-out").status_code == 303
    assert (one.get("/library").status_code, other.get("/library").status_code) == (303, 200)
    server.command("token", "revoke", client.token)
    assert other.get("/library").headers["location"].startswith("/console/sign-in")


def test_another_site_cannot_act_in_somebodys_name(client: Client, enter: Enter) -> None:
    http = enter(client)
    fields = {"title": "made elsewhere"}
    for headers in (
        {"x-csrf": "0" * 32},
        {"origin": "https://example.com"},
        {"sec-fetch-site": "cross-site"},
    ):
        assert http.post("/folders", data=fields, headers=headers).status_code == 400
    assert http.post("/folders", data=fields).status_code == 200


def test_failed_sign_ins_from_one_address_are_few_a_minute(server: Server, client: Client) -> None:
    def attempt(token: str, address: str) -> int:
        headers = {"x-forwarded-for": address}
        return bare(
            "POST", f"{server.url}/console/sign-in", data={"token": token}, headers=headers
        ).status_code

    wrong = f"kbai_pk_{'0' * 64}"
    for address in ("203.0.113.9", "203.0.113.10", "203.0.113.11"):  # the minute may turn in between
        assert {attempt(wrong, address) for _ in range(10)} == {401}
        if (right := attempt(client.token, address)) == 429:
            break
    assert right == 429
    assert attempt(client.token, "203.0.113.12") == 303


def test_a_page_offers_only_what_the_token_permits(server: Server, client: Client, enter: Enter) -> None:
    id = made(client, "# A paper")
    reader = enter(server.client(scopes="knowledge:read", company=client.company))
    page = reader.get("/library").text
    assert "Paper.md" in page
    for offered in ("Upload", "Delete", "Rename", "/console/search", "/console/receipts"):
        assert offered not in page
    assert reader.get("/delete", params={"id": id}).status_code == 403
    assert reader.post("/delete", data={"id": id}).status_code == 403
    assert reader.post("/files", content=b"x", headers={"x-file-name": "x.md"}).status_code == 403
    assert reader.get("/search", params={"q": "paper"}).status_code == 403


def test_another_companys_documents_do_not_exist(server: Server, client: Client, enter: Enter) -> None:
    id = made(client, "# A secret paper")
    stranger = enter(server.client())
    for address in (
        f"/documents/{id}",
        f"/documents/{id}/chunks",
        f"/documents/{id}/original",
        f"/library/{id}",
    ):
        assert stranger.get(address).status_code == 404, address
    assert stranger.get("/delete", params={"id": id}).status_code == 404
    assert stranger.get("/files", params={"id": id}).json()[id]["text"] == "Deleted"
    for action, fields in (
        ("/delete", {"id": id}),
        ("/move", {"id": id}),
        (f"/nodes/{id}/name", {"title": "x"}),
    ):
        stranger.post(action, data=fields)
    assert client.http.get(f"/v1/knowledge/nodes/{id}").json()["title"] == "Paper.md"


def test_what_a_document_says_is_no_markup_of_the_page(client: Client, enter: Enter) -> None:
    id = made(
        client,
        "# <script>alert(1)</script>\n\n<img src=x onerror=alert(2)>\n\n[a](javascript:alert(3)) "
        "![pixel](https://example.com/pixel.png)\n\n[b](https://example.com/)\n",
        title="<b onclick=alert(4)>.md",
    )
    page = enter(client).get(f"/documents/{id}").text
    article = page[page.index("<article") : page.index("</article>")]
    assert not re.search(r"<(script|img|b |iframe|svg)", article)
    assert "javascript:" not in re.sub(r"&[^;]+;", "", "".join(re.findall(r'href="([^"]*)"', article)))
    assert 'rel="noopener noreferrer"' in article
    assert "<b onclick" not in page


def test_a_file_over_the_limit_or_without_a_name_is_refused(client: Client, enter: Enter) -> None:
    http = enter(client)
    too_large = HTTPConnection(http.base_url.netloc.decode(), timeout=PATIENCE_SECONDS)
    too_large.putrequest("POST", "/console/files")
    for name, value in {**http.headers, "cookie": cookies(http), "x-file-name": "x.md"}.items():
        too_large.putheader(name, value)
    too_large.putheader("content-length", str(200 * 1024 * 1024))
    too_large.endheaders()
    assert "over the limit" in too_large.getresponse().read().decode()
    too_large.close()
    assert http.post("/files", content=b"x").status_code == 400
    assert "is empty" in http.post("/files", content=b"", headers={"x-file-name": "x.md"}).text


def cookies(http: httpx.Client) -> str:
    """The cookies that the client sends."""
    return "; ".join(f"{name}={value}" for name, value in http.cookies.items())


def test_the_original_is_only_ever_a_download(client: Client, enter: Enter) -> None:
    http = enter(client)
    sent = http.post(
        "/files", content=b"<script>alert(1)</script><p>text</p>", headers={"x-file-name": "p%C3%A1gina.html"}
    )
    id = sent.json()["id"]
    until(lambda: http.get("/files", params={"id": id}).json()[id]["ended"])
    answer = http.get(f"/documents/{id}/original")
    assert answer.content == b"<script>alert(1)</script><p>text</p>"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''p%C3%A1gina.html"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_a_token_is_made_once_and_revoked_by_whoever_may_do_everything(
    server: Server, client: Client, enter: Enter
) -> None:
    http = enter(client)
    made = http.post("/tokens", data={"name": "desk", "scope": "knowledge:read", "lifetime": "30d"}).text
    (secret,) = set(re.findall(r"kbai_pk_[0-9a-f]{64}", made))
    reader = enter(server.client_of(secret, client.company))
    assert reader.get("/library").status_code == 200
    assert reader.get("/tokens").status_code == 403
    page = http.get("/tokens").text
    assert secret not in page
    row = page[page.index(">desk<") :]
    assert "<time" in row[: row.index("Valid")]  # last used: signing in is a use
    (id,) = re.findall(r"/tokens/([0-9a-f]{24})/revoke\?name=desk", page)[:1]
    assert enter(server.client()).post(f"/tokens/{id}/revoke").status_code == 404
    assert http.post(f"/tokens/{id}/revoke").status_code == 200
    assert reader.get("/library").status_code == 303
    assert ("desk" in http.get("/tokens").text, "desk" in http.get("/tokens?ended=1").text) == (False, True)


def test_the_dialog_before_something_is_erased_names_it(server: Server, client: Client, enter: Enter) -> None:
    id = made(client, "# A paper", title="Ana's <letters>")
    http, stranger = enter(client), enter(server.client())
    assert http.get("/erase", params={"id": id}).status_code == 404
    client.http.delete(f"/v1/knowledge/nodes/{id}")
    assert "Erase “Ana&#39;s &lt;letters&gt;” for good?" in http.get("/erase", params={"id": id}).text
    assert stranger.get("/erase", params={"id": id}).status_code == 404


def test_a_stream_of_changes_without_a_session_is_over(server: Server) -> None:
    headers = {
        "accept": "text/event-stream"
    }  # led elsewhere, a browser would complain of a page that is no stream
    assert bare("GET", f"{server.url}/console/events", headers=headers).status_code == 204


def test_a_page_of_a_folder_is_under_100_kb_whatever_the_names(client: Client, enter: Enter) -> None:
    for number in range(PAGE + 1):
        body = {"title": f"{number:03} {'á' * 196}"}
        assert client.http.post("/v1/knowledge/folders", json=body).status_code == 201
    page = enter(client).get("/library")
    assert page.text.count('<tr class="folder"') == PAGE
    assert len(page.content) < 100_000
    assert 'rel="next"' in page.text


def test_a_page_that_listens_is_told_at_once_of_what_came_since_it_was_made(
    client: Client, enter: Enter
) -> None:
    http = enter(client)
    page = http.get("/library").text
    (asks,) = re.findall(r'data-events="/console(/events\?at=[^"]+)"', page)
    client.http.post("/v1/knowledge/folders", json={"title": "between"})
    with http.stream("GET", asks) as stream:
        lines = (line for line in stream.iter_lines() if line == ":" or "tree" in line.split())
        assert any(line != ":" for line in islice(lines, 6))  # the others say that it lives, each ten seconds
