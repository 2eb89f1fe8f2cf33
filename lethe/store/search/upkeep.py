"""Background maintenance for searching large texts: lexeme counts, and the vector index."""

from dataclasses import dataclass

from lethe.store.database.transactions import Tx
from lethe.store.search.statement import USUAL_LENGTH


@dataclass(frozen=True, slots=True)
class TextSize:
    """The size of a company's text in chunks: now, at the last count of its lexemes (0 before the first), and the
    chunks added since. `first`: whether the first count is still to come."""

    chunks: int
    counted: int
    newer: int
    first: bool


async def text_size(tx: Tx) -> TextSize:
    """How large the company's text is, and how outdated the count of its lexemes."""
    size = await tx.row(
        TextSize,
        """
        WITH total AS MATERIALIZED (
            SELECT chunks, counted_at FROM lexstat_total WHERE company_id = %(company_id)s
        )
        SELECT coalesce(sum(d.chunks), 0)::bigint AS chunks,
               coalesce((SELECT chunks FROM total), 0) AS counted,
               coalesce(sum(d.chunks) FILTER (
                   WHERE d.stored_at > coalesce((SELECT counted_at FROM total), '-infinity')
               ), 0)::bigint AS newer,
               coalesce((SELECT counted_at FROM total), '-infinity') = '-infinity' AS first
        FROM live_document d WHERE d.company_id = %(company_id)s
        """,
        {},
    )
    assert size is not None  # noqa: S101 an aggregate has one row
    return size


async def claim(tx: Tx) -> bool:
    """Claim the company's maintenance until the transaction ends; False if another worker has it."""
    locked = await tx.value(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('search upkeep ' || %s, 0))", (tx.company_id,)
    )
    return bool(locked)


async def announce_count(tx: Tx, *, chunks: int) -> None:
    """From this commit on, every removal of chunks records their words, because a count follows soon."""
    await tx.execute(
        """
        INSERT INTO lexstat_total (company_id, chunks, average_length, counted_at) VALUES (%s, %s, %s, '-infinity')
        ON CONFLICT DO NOTHING
        """,
        (tx.company_id, chunks, USUAL_LENGTH),
    )


async def removals_note_words(tx: Tx) -> bool:
    """Whether all removals now record their words: those that began before `announce_count` committed have ended."""
    locked = await tx.value(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('words of ' || %s, 0))", (tx.company_id,)
    )
    return bool(locked)


async def count_lexemes(tx: Tx) -> None:
    """Recount in how many chunks of the company each lexeme occurs. Rows that hardly change are not rewritten.

    Reads all of the company's chunks, about 100,000 in a few seconds. Removals go on meanwhile and wait only while
    rows are written.

    Invariant: no forgotten word comes back. A word that is in no chunk any more was in at most as many chunks as were
    removed since the count began. That number is exact, because `lexstat_total` is locked before rows are written and
    read again afterwards.
    """
    params: dict[str, object] = {}
    cur = await tx.execute(
        """
        WITH counted AS MATERIALIZED (
            SELECT word AS lexeme, ndoc AS chunks FROM ts_stat(format(
                'SELECT tsv FROM chunk_lex WHERE company_id = %%L', %(company_id)s::text
            )) WHERE ndoc > 1
        ), size AS MATERIALIZED (
            SELECT count(*) AS chunks, greatest(avg(length), 1) AS average_length
            FROM chunk_lex WHERE company_id = %(company_id)s AND (SELECT count(*) FROM counted) >= 0
        ), held AS MATERIALIZED (
            SELECT FROM lexstat_total WHERE company_id = %(company_id)s AND (SELECT chunks FROM size) >= 0 FOR UPDATE
        ), gone AS (
            DELETE FROM lexstat s WHERE company_id = %(company_id)s AND (SELECT count(*) FROM held) >= 0
              AND NOT EXISTS (SELECT FROM counted c WHERE c.lexeme = s.lexeme)
        ), written AS (
            INSERT INTO lexstat AS s (company_id, lexeme, chunks)
            SELECT %(company_id)s, lexeme, chunks FROM counted WHERE (SELECT count(*) FROM held) >= 0
            ON CONFLICT (company_id, lexeme) DO UPDATE SET chunks = excluded.chunks
            WHERE abs(s.chunks - excluded.chunks) * 20 > s.chunks
        )
        SELECT t.removed, size.chunks, size.average_length
        FROM size LEFT JOIN lexstat_total t ON t.company_id = %(company_id)s
        """,
        params,
    )
    before, chunks, average_length = await cur.fetchone() or (None, 0, None)
    if before is None or average_length is None:
        return
    gone = await tx.value(
        """
        UPDATE lexstat_total SET chunks = %(chunks)s, average_length = %(average)s, counted_at = now()
        WHERE company_id = %(company_id)s RETURNING removed - %(before)s
        """,
        {**params, "chunks": chunks, "average": average_length, "before": before},
    )
    params = {**params, "gone": gone or 0}
    await tx.execute(
        "DELETE FROM lexstat WHERE company_id = %(company_id)s AND chunks * 19::bigint <= %(gone)s * 20",
        params,
    )
    await tx.execute(
        "UPDATE lexstat SET gone = %(gone)s WHERE company_id = %(company_id)s AND gone <> %(gone)s", params
    )
    await forget_words(tx)


async def forget_words(tx: Tx) -> None:
    """Delete the counts of words that are no longer in any chunk."""
    await tx.execute("SELECT forget_words(%s)", (tx.company_id,))


async def recount(tx: Tx) -> None:
    """Have the lexemes recounted in the next round, if they are counted at all."""
    await tx.execute(
        "UPDATE lexstat_total SET counted_at = '-infinity' WHERE company_id = %s", (tx.company_id,)
    )


async def forget_lexemes(tx: Tx) -> None:
    """Delete the counts of a company whose text has become small: searches read it as a whole again."""
    await tx.execute("DELETE FROM lexstat_total WHERE company_id = %s", (tx.company_id,))
    await tx.execute("DELETE FROM lexstat WHERE company_id = %s", (tx.company_id,))
    await tx.execute("DELETE FROM lexstat_removed WHERE company_id = %s", (tx.company_id,))


async def settle(tx: Tx, *, limit: int) -> int:
    """Move up to `limit` embeddings of the company into the vector index; returns the number moved.

    Rows locked by others are skipped.
    """
    cur = await tx.execute(
        """
        WITH taken AS MATERIALIZED (
            SELECT ctid FROM chunk_vec WHERE company_id = %(company_id)s AND NOT settled
            LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        )
        UPDATE chunk_vec SET settled = true WHERE company_id = %(company_id)s AND ctid IN (SELECT ctid FROM taken)
        """,
        {"limit": limit},
    )
    return cur.rowcount
