"""DELETE, the trash, restore, erase: what is gone is gone for both doors, and what comes back is whole."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from tests.client import long_text
from tests.http.holding import begun, nothing_is_stored
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.lifecycle.stored import ask, files
from tests.server import Server
from tests.waiting import until

CHUNKS = ("chunk_text", "chunk_lex", "chunk_vec")


def rows(server: Server, kb: Knowledge, *tables: str) -> list[int]:
    """How many rows of each table the company has."""
    with psycopg.connect(server.superuser()) as conn:
        return [
            conn.execute(
                f"SELECT count(*) FROM {table} WHERE company_id = (SELECT id FROM company WHERE name = %s)",
                (kb.company,),
            ).fetchone()[0]  # type: ignore[index]
            for table in tables
        ]


def chunks_of(server: Server, *nodes: str) -> list[tuple[Any, ...]]:
    """Text, words and embedding of each chunk of these documents."""
    return ask(
        server,
        """
        SELECT t.node_id, t.position, t.text, l.tsv::text, v.embedding::text
        FROM chunk_text t JOIN chunk_lex l USING (company_id, node_id, position)
        JOIN chunk_vec v USING (company_id, node_id, position)
        WHERE t.node_id = ANY (%s) ORDER BY 1, 2
        """,
        list(nodes),
    )


def test_a_deleted_folder_is_gone_with_all_below_it_for_both_doors(kb: Knowledge) -> None:
    folder = kb.folder("policies")
    below = kb.folder("below", folder)
    document = kb.document("D", below)
    kb.artifacts.ingest("a", "text", collection="policies")
    kb.indexed(document)
    answer = kb.delete(folder)
    assert (answer.status_code, answer.content) == (204, b"")
    assert kb.tree() == []
    for node in (folder, below, document):
        assert not kb.there(node)
        assert kb.delete(node).status_code == 404
    assert kb.artifacts.listed("policies") == []
    assert kb.artifacts.text("a", collection="policies") is None
    assert kb.artifacts.delete("a", collection="policies").status_code == 404
    assert kb.call("PUT", f"/knowledge/documents/{document}", {"markdown": "x"}).status_code == 404
    assert kb.change(below, title="x").status_code == 404
    body = {"title": "x", "parent_id": below, "markdown": "x"}
    assert kb.call("POST", "/knowledge/documents", body).status_code == 404


def test_a_node_of_another_company_cannot_be_deleted_nor_restored(kb: Knowledge, other: Knowledge) -> None:
    folder = kb.folder("F")
    missing = other.delete(NOWHERE)
    answer = other.delete(folder)
    assert (answer.status_code, answer.json()) == (404, missing.json())
    assert kb.delete(folder).status_code == 204
    assert other.restore(folder).status_code == 404
    assert other.call("DELETE", f"/knowledge/trash/{folder}").status_code == 404
    assert other.trash() == []
    assert kb.trash() == ["F"]


def test_a_restored_folder_is_whole_and_its_chunks_come_back_as_they_were(
    server: Server, kb: Knowledge
) -> None:
    folder = kb.folder("policies")
    first, second = kb.document("1", folder, long_text(20)), kb.document("2", folder, "# Two\n\nwords")
    kb.artifacts.ingest("a", long_text(5), collection="policies", metadata={"year": 2026})
    kb.indexed(first, second)
    kb.change(second, position=0)
    tree, listed = kb.tree(), kb.artifacts.get("/list", collection="policies").json()
    before = chunks_of(server, first, second)
    counts = rows(server, kb, *CHUNKS)
    kb.delete(folder)
    until(lambda: rows(server, kb, *CHUNKS) == [0, 0, 0])
    assert rows(server, kb, "document") == [3]
    answer = kb.restore(folder)
    assert answer.status_code == 200
    assert answer.json()["path_cache"] == "/policies"
    assert kb.tree() == tree
    assert kb.artifacts.get("/list", collection="policies").json() == listed
    assert kb.text(first) == long_text(20)
    until(lambda: rows(server, kb, *CHUNKS) == counts)
    assert chunks_of(server, first, second) == before
    assert kb.trash() == []
    assert kb.restore(folder).status_code == 404


def test_what_was_deleted_before_stays_in_the_trash(kb: Knowledge) -> None:
    a = kb.folder("A")
    b = kb.folder("B", a)
    kb.folder("C", b)
    kb.folder("D", a)
    kb.delete(b)
    kb.delete(a)
    assert kb.trash() == ["A", "B"]
    assert kb.restore(a).status_code == 200
    assert kb.shape() == {"A": {"D": {}}}
    assert kb.trash() == ["B"]
    assert kb.restore(b).status_code == 200
    assert kb.shape() == {"A": {"B": {"C": {}}, "D": {}}}


def test_a_restore_says_what_to_do_when_the_folder_is_gone(kb: Knowledge) -> None:
    a = kb.folder("A")
    b = kb.folder("B", a)
    kb.folder("C", b)
    kb.delete(a)
    answer = kb.restore(b)
    assert answer.status_code == 409
    assert "parent_id" in answer.json()["message"]
    assert kb.restore(b, parent_id=None, title="new").json()["path_cache"] == "/new"
    assert kb.shape() == {"new": {"C": {}}}
    assert kb.restore(a).status_code == 200
    assert kb.shape() == {"new": {"C": {}}, "A": {}}


def test_a_restore_says_what_to_do_when_the_name_is_taken(kb: Knowledge) -> None:
    first = kb.folder("A")
    kb.artifacts.ingest("x", "old", collection="A")
    kb.delete(first)
    kb.artifacts.ingest("x", "new", collection="A")
    answer = kb.restore(first)
    assert answer.status_code == 409
    assert "title (--title)" in answer.json()["message"]
    assert kb.restore(first, title="A, old").status_code == 200
    assert kb.artifacts.text("x", collection="A, old") == "old"
    assert kb.artifacts.text("x", collection="A") == "new"


def test_an_artifact_whose_name_was_taken_again_is_restored_elsewhere(kb: Knowledge) -> None:
    kb.artifacts.ingest("x", "old", collection="A")
    node = kb.tree()[0]["children"][0]["id"]
    kb.delete(node)
    kb.artifacts.ingest("x", "new", collection="A")
    answer = kb.restore(node)
    assert answer.status_code == 409
    assert "title" not in answer.json()["message"]
    assert "parent_id" in answer.json()["message"]
    folder = kb.folder("B")
    assert kb.restore(node, parent_id=folder).status_code == 200
    assert kb.artifacts.text("x", collection="B") == "old"


def test_a_document_that_is_deleted_before_it_is_ingested_comes_back_with_its_content(kb: Knowledge) -> None:
    text = long_text(60)
    document = kb.document("D", None, text)
    assert kb.delete(document).status_code == 204
    assert kb.restore(document).status_code == 200
    kb.indexed(document)
    assert kb.text(document) == text


def test_an_ingestion_under_way_in_the_folder_is_revoked(server: Server, kb: Knowledge) -> None:
    folder = kb.folder("c")
    with nothing_is_stored(server):
        task = begun(kb.artifacts, kb.artifacts.ingest_async("a", "old"))
        kb.delete(folder)
        assert kb.artifacts.task("ingest", task)["task_status"] == "REVOKED"
    assert kb.artifacts.listed("c") == []
    kb.artifacts.ingest("a", "new", collection="c")
    assert kb.artifacts.text("a") == "new"


def test_nothing_is_stored_in_a_folder_that_is_deleted_meanwhile(kb: Knowledge) -> None:
    for _ in range(5):
        folder = kb.folder("F")
        answers: list[int] = []

        def add(folder: str = folder, answers: list[int] = answers) -> None:
            body = {"title": "x", "parent_id": folder, "markdown": "x"}
            answers.append(kb.call("POST", "/knowledge/documents", body).status_code)

        adding = [threading.Thread(target=add) for _ in range(4)]
        for thread in adding:
            thread.start()
        assert kb.delete(folder).status_code == 204
        for thread in adding:
            thread.join()
        assert set(answers) <= {201, 404}
        assert kb.tree() == []


def test_erasing_leaves_no_row_and_no_file(server: Server, kb: Knowledge) -> None:
    folder = kb.folder("A")
    below = kb.folder("B", folder)
    kb.indexed(kb.document("D", below), kb.document("E", folder))
    kb.delete(below)
    kb.document("never ingested", folder, long_text(300))
    kb.delete(folder)
    assert kb.call("DELETE", f"/knowledge/trash/{folder}").status_code == 204
    assert kb.trash() == []
    assert kb.call("DELETE", f"/knowledge/trash/{folder}").status_code == 404
    assert kb.restore(folder).status_code == 404
    assert rows(server, kb, "node", "document", "document_part", "ingestion", *CHUNKS) == [0] * 7
    until(lambda: files(server, kb.company) == set())


def test_the_commands_list_restore_and_erase(server: Server, kb: Knowledge) -> None:
    folder = kb.folder("Año")
    kb.document("D", folder)
    kb.delete(folder)
    listed = server.command("trash", "list", "--company", kb.company, "--json").stdout
    assert [(e["title"], e["documents"]) for e in json.loads(listed)] == [("Año", 1)]
    assert folder in server.command("trash", "list", "--company", kb.company).stdout
    server.command("restore", folder, "--company", kb.company, "--title", "Otro", "--parent", "root")
    assert kb.shape() == {"Otro": {"D": {}}}
    kb.delete(folder)
    server.command("erase", folder, "--company", kb.company)
    assert kb.trash() == []
    for command in ("erase", "restore"):
        done = server.command(command, folder, "--company", kb.company, check=False)
        said = "lethe: There is no node with this id in the trash: see 'lethe trash list'.\n"
        assert (done.returncode, done.stderr) == (1, said)
    nobody = server.command("restore", folder, "--company", "nobody", check=False)
    assert (nobody.returncode, nobody.stderr.startswith("lethe: There is no company 'nobody'")) == (1, True)


def test_what_has_been_in_the_trash_for_its_time_is_erased_by_itself(server: Server, kb: Knowledge) -> None:
    server.command("company", "retention", kb.company, "7")
    folder = kb.folder("A")
    document = kb.document("D", folder)
    kb.indexed(document)
    kb.delete(folder)
    ((days,),) = ask(server, "SELECT purge_at - deleted_at FROM node WHERE id = %s", folder)
    assert days.days == 7
    ask(
        server,
        "UPDATE node SET purge_at = now() - interval '2 minutes' WHERE id = ANY (%s)",
        [folder, document],
    )
    assert kb.trash() == []
    assert kb.restore(folder).status_code == 404
    until(lambda: rows(server, kb, "node", "document", *CHUNKS) == [0] * 5)
    until(lambda: files(server, kb.company) == set())


def test_a_folder_of_10_000_documents_is_deleted_in_one_request(server: Server, kb: Knowledge) -> None:
    folder = kb.folder("big")
    plant(server, folder, 10_000)
    assert len(kb.tree()[0]["children"]) == 10_000
    seen: list[Any] = []
    done = threading.Event()

    def look() -> None:
        own = Knowledge(server.client_of(kb.artifacts.token, kb.company))
        while not done.is_set():
            began = time.monotonic()
            seen.append((began, own.tree(depth=1)))

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            began = time.monotonic()
            assert kb.delete(folder).status_code == 204
            ended = time.monotonic()
            until(lambda: looking.done() or (seen and seen[-1][0] > ended))
        finally:
            done.set()
    looking.result()
    print(f"10,000 documents: {1000 * (ended - began):.0f} ms")  # bench/deletes.py measures it
    assert all(not items for at, items in seen if at > ended)
    began = time.monotonic()
    assert kb.restore(folder).status_code == 200
    print(f"restored in {1000 * (time.monotonic() - began):.0f} ms")
    assert len(kb.tree()[0]["children"]) == 10_000
    kb.delete(folder)
    began = time.monotonic()
    assert kb.call("DELETE", f"/knowledge/trash/{folder}").status_code == 204
    print(f"erased in {1000 * (time.monotonic() - began):.0f} ms")
    assert rows(server, kb, "node") == [0]


def plant(server: Server, folder: str, count: int) -> None:
    """Documents made by SQL, with their rows but without chunks."""
    # Without the checks of foreign keys: by statistics older than the company each would read all of its nodes.
    options = "-c search_path=public -c session_replication_role=replica"
    with psycopg.connect(server.superuser(), options=options) as conn:
        conn.execute(
            """
            WITH made AS (
                INSERT INTO node (company_id, id, parent_id, path, kind, state, generation, position, title, artifact)
                SELECT f.company_id, 'f' || left(md5(f.id || i), 23), f.id,
                       f.path || 'f' || left(md5(f.id || i), 23) || '/', 'document', 'live', 1, i, 'd' || i, 'd' || i
                FROM node f, generate_series(1, %(count)s) i WHERE f.id = %(folder)s
                RETURNING company_id, id
            )
            INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type, media_type,
                                  language, blob_key, bytes, characters, blocks, chunks)
            SELECT company_id, id, 1, '{}', 'x', 'x', 'md', 'm', 'en', company_id || '/' || id, 1, 1, 1, 0 FROM made
            """,
            {"count": count, "folder": folder},
        )
        conn.execute("ANALYZE node, document")  # as the database does by itself within seconds
