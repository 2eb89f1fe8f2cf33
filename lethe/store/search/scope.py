"""The scope of a search: where it looks, how large that text is, and the statistics of its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from lethe.domain.records.bounds import roots_of
from lethe.domain.records.queries import Condition
from lethe.store.database.pool import Database
from lethe.store.search.metadata import conditions


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look.

    `paths` are the subtrees, none inside another; `documents` those that a filter chose. Both None: the whole company.
    `chunks` is the size of the scope.
    `counted`, `average_length` and `chunks_with` come from the last count of the company's lexemes. `languages` are
    those of the documents in the scope, `spoken` those of all documents that the caller may reach. `assistant_there` is
    false if the company does not have the given assistant.
    """

    paths: list[str] | None
    documents: list[str] | None
    chunks: int
    counted: int | None
    average_length: float | None
    languages: list[str]
    spoken: list[str]
    chunks_with: Mapping[str, int]
    assistant_there: bool


# `within` has the nodes of each restriction; all restrictions must hold. The scope is what is below a node of every
# restriction; `subtree` keeps the uppermost of these. Nodes are looked up by the ids in a path, as comparing every
# path with every other would take seconds for a few thousand.
_SUBTREES: LiteralString = """
WITH within AS MATERIALIZED (
    SELECT 'asked' AS by, id, path FROM live_node WHERE company_id = %(company_id)s AND id = ANY (%(node_ids)s)
    UNION
    SELECT 'given', n.id, n.path FROM assistant_worker w
    JOIN assignment a ON a.company_id = w.company_id AND a.worker_id = w.id
    JOIN live_node n ON n.company_id = a.company_id AND n.id = a.node_id
    WHERE w.company_id = %(company_id)s AND w.assistant_id = %(assistant_id)s
), allowed AS MATERIALIZED (
    SELECT w.id, w.path FROM within w
    CROSS JOIN LATERAL unnest(string_to_array(rtrim(w.path, '/'), '/')) above (id)
    JOIN within o ON o.id = above.id
    GROUP BY w.id, w.path HAVING count(DISTINCT o.by) = %(restrictions)s
), subtree AS MATERIALIZED (
    SELECT path FROM allowed a WHERE NOT EXISTS (
        SELECT FROM unnest(string_to_array(rtrim(a.path, '/'), '/')) above (id)
        JOIN allowed o ON o.id = above.id WHERE o.id <> a.id)
)"""

_COLLECTION: LiteralString = """
WITH subtree AS MATERIALIZED (
    SELECT path FROM live_node WHERE company_id = %(company_id)s AND collection = %(collection)s
)"""

_BELOW: LiteralString = " AND EXISTS (SELECT FROM subtree s WHERE live_document.path ^@ s.path)"

_WHOLE: LiteralString = "WITH subtree AS MATERIALIZED (SELECT NULL::text AS path WHERE false)"

_COLLECTION_OR_FOLDER: LiteralString = """
SELECT id FROM live_node
WHERE company_id = %(company_id)s AND (collection = %(name)s OR id = %(name)s AND kind = 'folder')
ORDER BY collection IS NOT DISTINCT FROM %(name)s DESC LIMIT 1
"""

# A caller with bounds must not learn the languages of other documents: for it, only those of the scope count.
# Seeks the first language at or after each one, which uses the index. With `=` the planner would expect to find a match
# soon, and would read all documents for a language that none has.
_SPOKEN: LiteralString = """ARRAY(
        SELECT language FROM unnest(%(languages)s::text[]) l (language)
        WHERE language = (
            SELECT d.language FROM live_document d
            WHERE d.company_id = %(company_id)s AND d.language >= l.language AND d.indexed
            ORDER BY d.language LIMIT 1)
    )"""

_BELOW_PATHS: LiteralString = """
looked AS MATERIALIZED (
    SELECT sum(d.chunks) AS chunks, array_agg(DISTINCT d.language) AS languages FROM subtree s
    CROSS JOIN path_end(s.path) stop
    JOIN live_document d ON d.company_id = %(company_id)s AND d.path >= s.path AND d.path < stop
), found AS (
    SELECT CASE WHEN %(within)s THEN coalesce((SELECT array_agg(path) FROM subtree), '{}') END AS paths,
           NULL::text[] AS documents
)"""

_CHOSEN: LiteralString = """
looked AS MATERIALIZED (
    SELECT sum(chunks) AS chunks, array_agg(DISTINCT language) AS languages FROM chosen
), found AS (
    SELECT NULL::text[] AS paths, coalesce((SELECT array_agg(node_id) FROM chosen), '{}') AS documents
)"""

_SCOPE: LiteralString = f"""
, total AS MATERIALIZED (
    SELECT chunks, average_length FROM lexstat_total WHERE company_id = %(company_id)s
), spoken AS MATERIALIZED (
    SELECT CASE WHEN %(bound)s THEN coalesce((SELECT languages FROM looked), '{{}}') ELSE {_SPOKEN} END AS languages
)
SELECT found.paths, found.documents,
       coalesce(CASE WHEN %(within)s THEN (SELECT chunks FROM looked) ELSE coalesce(
           (SELECT chunks FROM total),
           (SELECT sum(chunks) FROM live_document WHERE company_id = %(company_id)s)
       ) END, 0)::bigint AS chunks,
       (SELECT chunks FROM total) AS counted,
       (SELECT average_length FROM total) AS average_length,
       CASE WHEN %(within)s THEN coalesce((SELECT languages FROM looked), '{{}}')
            ELSE (SELECT languages FROM spoken) END AS languages,
       (SELECT languages FROM spoken) AS spoken,
       coalesce((
           SELECT jsonb_object_agg(lexeme, chunks) FROM lexstat
           WHERE company_id = %(company_id)s AND lexeme = ANY (%(lexemes)s)
       ), '{{}}') AS chunks_with,
       %(assistant_id)s::text IS NULL OR EXISTS (
           SELECT FROM assistant WHERE company_id = %(company_id)s AND id = %(assistant_id)s
       ) AS assistant_there
FROM found
"""


async def collection_or_folder(db: Database, *, company_id: str, name: str) -> str | None:
    """The id of the collection with this name, else of the folder with this id; None without either."""
    found = await db.read_values(company_id, _COLLECTION_OR_FOLDER, {"name": name})
    return found[0] if found else None


async def subtrees(
    db: Database,
    *,
    company_id: str,
    node_ids: Sequence[str] | None,
    assistant_id: str | None,
    metadata: Sequence[Condition],
    languages: Sequence[str],
    lexemes: Sequence[str],
    language: str | None = None,
) -> Scope:
    """What is at or below one of `node_ids` (None: of the caller's bounds) and at or below a node assigned to the
    assistant's workers (None: anywhere), limited to documents that meet all conditions.

    Ids without a live node of the company are ignored.

    Args:
        language: only documents in it; None: in any.
        languages: which languages to look for among the company's documents.
        lexemes: return the number of chunks with each of these.
    """
    node_ids = roots_of(company_id) if node_ids is None else node_ids
    restrictions = (node_ids is not None) + (assistant_id is not None)
    found = f"{_SUBTREES if restrictions else _WHOLE}, {_BELOW_PATHS}"
    values: dict[str, object] = {}
    if metadata or language is not None:
        where, values = conditions(metadata)
        alone: LiteralString = " AND language = %(language)s" if language is not None else ""
        above, below = (_SUBTREES, _BELOW) if restrictions else ("", "")
        found = f"""
WITH chosen AS MATERIALIZED (
    {above}
    SELECT node_id, chunks, language FROM live_document WHERE company_id = %(company_id)s{below}{where}{alone}
), {_CHOSEN}"""
    params = {
        **values,
        "node_ids": list(node_ids or ()),
        "assistant_id": assistant_id,
        "restrictions": restrictions,
        "language": language,
        "within": restrictions > 0 or bool(metadata) or language is not None,
    }
    return await _scope(db, company_id, found, params, languages=languages, lexemes=lexemes)


async def documents(
    db: Database,
    *,
    company_id: str,
    collection: str | None,
    artifacts: Sequence[str] | None,
    metadata: Sequence[Condition],
    languages: Sequence[str],
    lexemes: Sequence[str],
) -> Scope:
    """Documents of a collection (None: any) with one of the names (None: any) that meet all conditions."""
    if artifacts is None and collection is None:
        return await subtrees(
            db,
            company_id=company_id,
            node_ids=None,
            assistant_id=None,
            metadata=metadata,
            languages=languages,
            lexemes=lexemes,
        )
    if artifacts is None and not metadata:
        return await _scope(
            db,
            company_id,
            f"{_COLLECTION}, {_BELOW_PATHS}",
            {"collection": collection, "assistant_id": None, "within": True},
            languages=languages,
            lexemes=lexemes,
        )
    where, values = conditions(metadata)
    params = {
        **values,
        "collection": collection,
        "artifacts": None if artifacts is None else list(artifacts),
        "assistant_id": None,
        "within": True,
    }
    return await _scope(
        db,
        company_id,
        f"""
WITH chosen AS MATERIALIZED (
    SELECT node_id, chunks, language FROM live_document
    WHERE company_id = %(company_id)s AND (%(collection)s::text IS NULL OR collection = %(collection)s)
      AND (%(artifacts)s::text[] IS NULL OR artifact = ANY (%(artifacts)s)){where}
), {_CHOSEN}""",
        params,
        languages=languages,
        lexemes=lexemes,
    )


async def spoken(db: Database, *, company_id: str, languages: Sequence[str]) -> list[str]:
    """The ones of these languages in which the company has documents."""
    statement: LiteralString = f"SELECT language FROM unnest({_SPOKEN}) l (language)"
    return await db.read_values(company_id, statement, {"languages": list(languages)})


async def _scope(
    db: Database,
    company_id: str,
    found: LiteralString,
    params: Mapping[str, Any],
    *,
    languages: Sequence[str],
    lexemes: Sequence[str],
) -> Scope:
    rows = await db.read(
        company_id,
        f"{found}{_SCOPE}",
        {
            **params,
            "languages": list(languages),
            "lexemes": list(lexemes),
            "bound": roots_of(company_id) is not None,
        },
        Scope,
    )
    return rows[0]
