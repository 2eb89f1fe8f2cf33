"""A company's webhooks and their secrets, which are stored encrypted."""

from collections.abc import Sequence
from uuid import UUID

from lethe.domain.webhooks import Webhook
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx


async def lock(tx: Tx) -> int:
    """The number of the company's webhooks, locked until the transaction ends."""
    await tx.execute("SELECT FROM company WHERE id = %s FOR NO KEY UPDATE", (tx.company_id,))
    return int(await tx.value("SELECT count(*) FROM webhook WHERE company_id = %s", (tx.company_id,)) or 0)


async def insert(tx: Tx, *, id: UUID, url: str, events: Sequence[str], by: str) -> None:
    """Insert a webhook; it has no secret yet."""
    await tx.execute(
        "INSERT INTO webhook (company_id, id, url, events, created_by) VALUES (%s, %s, %s, %s, %s)",
        (tx.company_id, id, url, list(events), by),
    )


async def add_secret(tx: Tx, *, id: UUID, sealed: bytes, old_hours: int) -> int | None:
    """Add a secret; earlier ones expire in `old_hours` at the latest. Returns the number of secrets that now sign.

    None if the company has no such webhook; otherwise the webhook is locked.
    """
    if not await tx.value(
        "SELECT true FROM webhook WHERE company_id = %s AND id = %s FOR NO KEY UPDATE", (tx.company_id, id)
    ):
        return None
    params = {"id": id, "sealed": sealed, "hours": old_hours}
    await tx.execute(
        "DELETE FROM webhook_secret WHERE company_id = %(company_id)s AND webhook_id = %(id)s AND expires_at <= now()",
        params,
    )
    await tx.execute(
        """
        UPDATE webhook_secret SET expires_at = now() + make_interval(hours => %(hours)s)
        WHERE company_id = %(company_id)s AND webhook_id = %(id)s AND expires_at IS NULL
        """,
        params,
    )
    await tx.execute(
        "INSERT INTO webhook_secret (company_id, webhook_id, sealed) VALUES (%(company_id)s, %(id)s, %(sealed)s)",
        params,
    )
    return int(
        await tx.value(
            "SELECT count(*) FROM webhook_secret WHERE company_id = %(company_id)s AND webhook_id = %(id)s",
            params,
        )
        or 0
    )


async def secrets_of(tx: Tx, *, id: UUID) -> list[tuple[int, bytes]]:
    """The ids and encrypted values of a webhook's secrets; the webhook is locked."""
    await tx.execute(
        "SELECT FROM webhook WHERE company_id = %s AND id = %s FOR NO KEY UPDATE", (tx.company_id, id)
    )
    cur = await tx.execute(
        "SELECT id, sealed FROM webhook_secret WHERE company_id = %s AND webhook_id = %s", (tx.company_id, id)
    )
    return [(int(secret_id), bytes(sealed)) for secret_id, sealed in await cur.fetchall()]


async def drop_secrets(tx: Tx, *, id: UUID, secret_ids: Sequence[int]) -> None:
    """Delete these secrets of a webhook."""
    await tx.execute(
        "DELETE FROM webhook_secret WHERE company_id = %s AND webhook_id = %s AND id = ANY (%s)",
        (tx.company_id, id, list(secret_ids)),
    )


async def all_of(db: Database, *, company_id: str, id: UUID | None = None) -> list[Webhook]:
    """The company's webhooks, oldest first, or the one with this id."""
    return await db.read(
        company_id,
        """
        SELECT w.id, w.url, w.events, w.created_by, w.created_at,
               (SELECT count(*) FROM webhook_secret s
                WHERE s.company_id = w.company_id AND s.webhook_id = w.id
                  AND (s.expires_at IS NULL OR s.expires_at > now())) AS secrets
        FROM webhook w
        WHERE w.company_id = %(company_id)s AND (%(id)s::uuid IS NULL OR w.id = %(id)s)
        ORDER BY w.created_at, w.id
        """,
        {"id": id},
        Webhook,
    )


async def delete(tx: Tx, *, id: UUID) -> bool:
    """Delete a webhook with its secrets and deliveries. False if there is none."""
    cur = await tx.execute("DELETE FROM webhook WHERE company_id = %s AND id = %s", (tx.company_id, id))
    return cur.rowcount == 1
