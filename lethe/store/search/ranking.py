"""The parts of a search statement, each a common table expression or the end of the statement.

Names in them: `looked`: the documents of a small text; `matched`: chunks with a word, their length and the ts_rank
of each term; `stat`: the average length, each term's weighted idf and their sum; `near`: chunks and their distance;
`ranked`: chunks and their score; `best`: the chunks to return.
"""

from collections.abc import Sequence
from typing import LiteralString

DEPTH = 100
"""Chunks taken from each list in a hybrid search."""
NEAREST = 1_000
"""Chunks kept after comparing all: enough for 25 documents in all but unusual cases."""
NEAREST_INDEXED = 130
"""Chunks taken from the vector index. Its ef_search is higher (store/database/connections.py), so one scan is enough
while less than a third of the index is deleted."""
MOST_CANDIDATES = 20_000
"""The most chunks scored in each of the two steps, whatever the request."""

# Looks up one candidate: the planner cannot turn a scalar subquery into a join that reads the whole tree. The tests are
# not in its WHERE clause, so that a long list of documents is hashed once instead of sorted for each candidate.
_LIVE: LiteralString = """(
    SELECT (%(paths)s::text[] IS NULL OR n.path ^@ ANY (%(paths)s::text[]))
       AND (%(documents)s::text[] IS NULL OR n.id = ANY (%(documents)s::text[]))
    FROM live_node n WHERE n.company_id = %(company_id)s AND n.id = c.node_id
)"""


# Only the names that the chunk uses: a workbook may have 10,000 sheets.
_PLACE_NAMES: LiteralString = """(
    SELECT jsonb_object_agg(number, d.places ->> number)
    FROM (SELECT t.place::text UNION SELECT turn ->> 1 FROM jsonb_array_elements(t.turns) turn) p (number)
    WHERE d.places ? number)"""


def lexeme(term: int, number: int) -> str:
    """The parameter name of a lexeme of a term; terms count from 1, lexemes from 0."""
    return f"lexeme_{term}_{number}"


def looked(*, paths: bool, documents: bool) -> LiteralString:
    """The documents to search: the given ones, those below the given subtrees, or all of the company."""
    if documents:
        return """
looked AS MATERIALIZED (
    SELECT n.id FROM unnest(%(documents)s::text[]) d (id)
    JOIN live_node n ON n.company_id = %(company_id)s AND n.id = d.id
)"""
    if paths:
        return """
looked AS MATERIALIZED (
    SELECT n.id FROM unnest(%(paths)s::text[]) p (path) CROSS JOIN path_end(p.path) stop
    JOIN live_node n ON n.company_id = %(company_id)s AND n.path >= p.path AND n.path < stop
    WHERE n.kind = 'document'
)"""
    return """
looked AS MATERIALIZED (
    SELECT id FROM live_node WHERE company_id = %(company_id)s AND kind = 'document'
)"""


def matched(terms: Sequence[int], *, read_all: bool) -> LiteralString:
    """Chunks with any of the terms, and `stat`. `terms` contains the number of lexemes of each term."""
    if read_all:
        return f"""
read AS MATERIALIZED (
    SELECT c.node_id, c.position, c.length, CASE WHEN c.tsv @@ %(any)s::tsquery THEN {_rank(terms)} END AS rank
    FROM looked JOIN chunk_lex c ON c.company_id = %(company_id)s AND c.node_id = looked.id
), stat AS MATERIALIZED (
    SELECT *, (SELECT sum(i) FROM unnest(idf) i) AS most FROM (
        SELECT greatest(avg(length), 1)::float8 AS average, {_counted_idf(len(terms))} AS idf FROM read
    ) counted
), matched AS (
    SELECT * FROM read WHERE rank IS NOT NULL
)"""
    rank, score = _rank(terms), _score(len(terms))
    return f"""
stat AS MATERIALIZED (SELECT %(average)s::float8 AS average, %(weights)s::float8[] AS idf, %(most)s::float8 AS most),
first AS MATERIALIZED (
    SELECT c.node_id, c.position, c.length, {rank} AS rank FROM chunk_lex c
    WHERE c.company_id = %(company_id)s AND c.tsv @@ %(first)s::tsquery AND {_LIVE} LIMIT {MOST_CANDIDATES}
), reached AS MATERIALIZED (
    SELECT coalesce((
        SELECT max({score}) AS score FROM first c, stat s
        GROUP BY c.node_id ORDER BY 1 DESC OFFSET %(enough)s - 1 LIMIT 1
    ), 0) AS score
), later AS MATERIALIZED (
    SELECT c.node_id, c.position, c.length, {rank} AS rank FROM chunk_lex c
    WHERE c.company_id = %(company_id)s AND c.tsv @@ (
        SELECT query::tsquery FROM unnest(%(levels)s::float8[], %(queries)s::text[]) l (level, query), reached
        WHERE level <= reached.score ORDER BY level DESC LIMIT 1
    ) AND NOT c.tsv @@ %(first)s::tsquery AND {_LIVE} LIMIT {MOST_CANDIDATES}
), matched AS (
    SELECT * FROM first UNION ALL SELECT * FROM later
)"""


def near(dimension: int, *, read_all: bool) -> LiteralString:
    """The chunks with the nearest embeddings. `OFFSET 0` keeps the planner from replacing the full comparison."""
    if read_all:
        return f"""
near AS MATERIALIZED (
    SELECT node_id, position, distance FROM (
        SELECT c.node_id, c.position, c.embedding <=> %(vector)s::halfvec AS distance
        FROM looked JOIN chunk_vec c ON c.company_id = %(company_id)s AND c.node_id = looked.id OFFSET 0
    ) compared ORDER BY distance LIMIT {NEAREST}
)"""
    embedding: LiteralString = f"c.embedding::halfvec({int(dimension)})"
    return f"""
indexed AS MATERIALIZED (
    SELECT c.node_id, c.position, {embedding} <=> %(vector)s::halfvec({int(dimension)}) AS distance
    FROM chunk_vec c WHERE c.settled AND c.company_id = %(company_id)s AND {_LIVE}
    ORDER BY {embedding} <=> %(vector)s::halfvec({int(dimension)}) LIMIT {NEAREST_INDEXED}
), near AS MATERIALIZED (
    SELECT * FROM indexed
    UNION ALL
    (SELECT * FROM (
        SELECT c.node_id, c.position, c.embedding <=> %(vector)s::halfvec AS distance
        FROM chunk_vec c WHERE NOT c.settled AND c.company_id = %(company_id)s AND {_LIVE} OFFSET 0
     ) compared ORDER BY distance LIMIT {NEAREST_INDEXED})
)"""


BY_NEARNESS: LiteralString = """
ranked AS (SELECT node_id, position, 1 - distance AS score FROM near)"""


def by_words(terms: int, *, as_share: bool) -> LiteralString:
    """The score is BM25, or with `as_share` its share of the highest value that the terms can reach."""
    score: LiteralString = f"least(({_score(terms)}) / s.most, 1)" if as_share else _score(terms)
    return f"""
ranked AS (SELECT c.node_id, c.position, {score} AS score FROM matched c, stat s)"""


def by_both(terms: Sequence[int]) -> LiteralString:
    """Every candidate of either list gets both scores: the cosine if positive, and BM25 as a share of its value in a
    chunk full of every term. A chunk of length 0, without meaningful text, has no cosine."""
    rank, score = _rank(terms), _score(len(terms))
    return f"""
candidate AS (
    (SELECT c.node_id, c.position FROM matched c, stat s ORDER BY {score} DESC LIMIT {DEPTH})
    UNION
    (SELECT node_id, position FROM near ORDER BY distance LIMIT {DEPTH})
), scored AS MATERIALIZED (
    SELECT c.node_id, c.position, ({score}) / s.most AS words,
           CASE WHEN c.length > 0 THEN 1 - (v.embedding <=> %(vector)s::halfvec) END AS cosine
    FROM (
        SELECT c.node_id, c.position, c.length, {rank} AS rank
        FROM candidate k JOIN chunk_lex c
          ON c.company_id = %(company_id)s AND c.node_id = k.node_id AND c.position = k.position
    ) c
    JOIN chunk_vec v ON v.company_id = %(company_id)s AND v.node_id = c.node_id AND v.position = c.position, stat s
), ranked AS (
    SELECT node_id, position,
           %(vector_weight)s::float8 * greatest(cosine, 0) + %(words_weight)s::float8 * least(words, 1) AS score
    FROM scored WHERE words > 1e-6 OR cosine IS NOT NULL
)"""


def best(*, by_document: bool) -> LiteralString:
    """The ranked chunks to return: the best of each document, or all."""
    chunks: LiteralString = "ranked"
    if by_document:
        chunks = """(
        SELECT DISTINCT ON (node_id) node_id, position, score FROM ranked ORDER BY node_id, score DESC, position
    ) document"""
    return f"""
best AS MATERIALIZED (
    SELECT node_id, position, score FROM {chunks} WHERE %(least)s::float8 IS NULL OR score >= %(least)s
    ORDER BY score DESC, node_id, position LIMIT %(limit)s
)"""


def evidence(terms: Sequence[int], *, meaning: bool) -> LiteralString:
    """What the score of a best chunk consists of, as a JSON object: `cosine`, null if it does not count; for a search
    by words also each term's weighted `idf`, what the `terms` add to BM25, and their highest sum, `most`.

    Computed again for the few chunks that are returned, as otherwise every candidate would have to carry it.
    """
    cosine: LiteralString = "NULL"
    if meaning:
        cosine = """(
           SELECT 1 - (v.embedding <=> %(vector)s::halfvec) FROM chunk_vec v
           WHERE v.company_id = %(company_id)s AND v.node_id = b.node_id AND v.position = b.position)"""
    if not terms:
        return f"jsonb_build_object('cosine', {cosine})"
    return """(
       SELECT jsonb_build_object('hybrid', {hybrid}, 'cosine', CASE WHEN c.length > 0 THEN {cosine} END,
                                 'terms', ARRAY[{scores}], 'idf', s.idf, 'most', s.most)
       FROM stat s, (
           SELECT c.length, {rank} AS rank FROM chunk_lex c
           WHERE c.company_id = %(company_id)s AND c.node_id = b.node_id AND c.position = b.position
       ) c)""".format(
        hybrid="true" if meaning else "false",
        cosine=cosine,
        scores=", ".join(_term_scores(len(terms))),
        rank=_rank(terms),
    )


def found(*, neighbours: bool, indexed: bool, words: bool, evidence: LiteralString) -> LiteralString:
    """The end of the statement: the best chunks with text, document and `evidence` (SQL), the highest BM25 that the
    `words` can reach, and the number of rows of `indexed`."""
    most: LiteralString = "(SELECT most FROM stat)" if words else "NULL::float8"
    from_index: LiteralString = "(SELECT count(*) FROM indexed)" if indexed else "NULL"
    none: LiteralString = "'{}'::text[]"
    before = _texts("BETWEEN b.position - %(neighbours)s AND b.position - 1") if neighbours else none
    after = _texts("BETWEEN b.position + 1 AND b.position + %(neighbours)s") if neighbours else none
    return f"""
SELECT b.node_id, b.position, b.score, d.title, d.collection, d.artifact, d.metadata, d.language, d.file_type,
       d.source_uri, t.place, t.turns, {_PLACE_NAMES} AS place_names, t.sheet_rows, t.headings, t.text,
       {before} AS previous_texts, {after} AS next_texts, {evidence} AS evidence, {most} AS most,
       {from_index} AS from_index
FROM best b
JOIN live_document d ON d.company_id = %(company_id)s AND d.node_id = b.node_id
JOIN chunk_text t ON t.company_id = %(company_id)s AND t.node_id = b.node_id AND t.position = b.position
ORDER BY b.score DESC, b.node_id, b.position"""


def _rank(terms: Sequence[int]) -> LiteralString:
    """An array of each term's ts_rank in the chunk `c`: that of its most frequent lexeme."""
    return f"ARRAY[{', '.join(_term_rank(term, lexemes) for term, lexemes in enumerate(terms, start=1))}]"


def _term_rank(term: int, lexemes: int) -> str:
    queries = [f"%({lexeme(term, i)})s::tsquery" for i in range(lexemes)]
    ranks = [f"ts_rank('{{1,1,1,1}}', c.tsv, {query})" for query in queries]
    if lexemes == 1:
        return ranks[0]
    # Most chunks have none of the lexemes: one match is faster than ranking each, by a quarter with three lexemes.
    # The small weight of all together puts a text in the query's language before one with a word of the same stem.
    any_of = f"({' || '.join(queries)})"
    together = f"ts_rank('{{1,1,1,1}}', c.tsv, {any_of})"
    return f"CASE WHEN c.tsv @@ {any_of} THEN 0.999 * greatest({', '.join(ranks)}) + 0.001 * {together} ELSE 0 END"


def _score(terms: int) -> LiteralString:
    """BM25 of the matched chunk `c` with the statistics in `s`."""
    return " + ".join(_term_scores(terms))


def _term_scores(terms: int) -> list[str]:
    """What each term adds to that score."""
    # The casts keep the sum out of numeric, which is many times slower.
    length: LiteralString = "(0.4615385::float8 + 1.3846154::float8 * c.length / s.average)"
    return [
        f"s.idf[{i}] / (1 + {length} * (1 / (c.rank[{i}] + 1e-9::float8) - 1))" for i in range(1, terms + 1)
    ]


def _counted_idf(terms: int) -> LiteralString:
    """An array of each term's weighted idf over the chunks read; a term in no chunk counts as in one."""
    counts = [f"greatest(count(*) FILTER (WHERE rank[{i}] > 0), 1)" for i in range(1, terms + 1)]
    idf = [f"ln(1 + (count(*) - {n} + 0.5::float8) / ({n} + 0.5::float8))" for n in counts]
    return f"ARRAY[{', '.join(f'(%(weights)s::float8[])[{i}] * {x}' for i, x in enumerate(idf, 1))}]"


def _texts(between: LiteralString) -> LiteralString:
    return f"""ARRAY(
           SELECT o.text FROM chunk_text o
           WHERE o.company_id = %(company_id)s AND o.node_id = b.node_id AND o.position {between} ORDER BY o.position
       )"""
