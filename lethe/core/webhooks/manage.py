"""Creates, lists, rotates, tests and deletes a company's webhooks, and shows their deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from lethe.core.context import Context
from lethe.core.webhooks.secrets import new_secret
from lethe.domain.errors import Conflict, NotFound
from lethe.domain.records.idempotency import Claim
from lethe.domain.webhooks import Delivery, DeliveryStatus, EventType, Webhook
from lethe.store.queue import idempotency
from lethe.store.webhooks import deliveries, subscriptions

MOST = 20
"""The most webhooks of a company."""

MOST_SECRETS = 5
OLD_HOURS = 24
"""How long a replaced secret still signs."""

NOT_THERE = "There is no webhook with this id."
NO_DELIVERY = "There is no delivery with this id."


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook with its new secret; None if an earlier attempt at the request created and showed the secret."""

    webhook: Webhook
    secret: str | None


async def create(
    ctx: Context,
    *,
    company_id: str,
    url: str,
    events: Sequence[EventType],
    by: str,
    claim: Claim | None = None,
) -> Made:
    """Create a webhook with a secret.

    Invariant: webhook, secret and claim are one transaction; the secret is stored encrypted only.

    Raises:
        InvalidRequest: the address is malformed, or private where that is not permitted.
        Conflict: the company already has MOST webhooks.
        OperatorError: there is no key to encrypt the secret with.
    """
    ctx.receivers.check(url)
    if claim is not None and claim.task_id is not None:
        return Made(await find(ctx, company_id=company_id, id=claim.task_id), None)
    await ctx.receivers.look_up(url)
    id, secret = uuid4(), new_secret()
    sealed = ctx.webhook_secrets.seal(secret, company_id=company_id)
    async with ctx.db.transaction(company_id) as tx:
        if await subscriptions.lock(tx) >= MOST:
            raise Conflict(f"A company has at most {MOST} webhooks: delete one first.")
        await subscriptions.insert(tx, id=id, url=url, events=list(dict.fromkeys(events)), by=by)
        await subscriptions.add_secret(tx, id=id, sealed=sealed, old_hours=OLD_HOURS)
        if claim is not None:
            await idempotency.bind(tx, claim=claim, task_id=id)
    return Made(await find(ctx, company_id=company_id, id=id), secret)


async def find(ctx: Context, *, company_id: str, id: UUID) -> Webhook:
    """A webhook of the company. Raises NotFound."""
    found = await subscriptions.all_of(ctx.db, company_id=company_id, id=id)
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


async def all_of(ctx: Context, *, company_id: str) -> list[Webhook]:
    """The company's webhooks, oldest first."""
    return await subscriptions.all_of(ctx.db, company_id=company_id)


async def delete(ctx: Context, *, company_id: str, id: UUID) -> None:
    """Delete a webhook; its waiting deliveries are not sent any more. Raises NotFound."""
    async with ctx.db.transaction(company_id) as tx:
        if not await subscriptions.delete(tx, id=id):
            raise NotFound(NOT_THERE)


async def rotate(ctx: Context, *, company_id: str, id: UUID) -> Made:
    """Give a webhook a new secret; the old one also signs for another day, unless it can no longer be decrypted.

    Invariant: dropping unreadable secrets and adding the new one are one transaction.

    Raises:
        NotFound: there is no such webhook.
        Conflict: the webhook already has too many valid secrets.
    """
    secret = new_secret()
    sealed = ctx.webhook_secrets.seal(secret, company_id=company_id)
    async with ctx.db.transaction(company_id) as tx:
        held = await subscriptions.secrets_of(tx, id=id)
        lost = [
            secret_id for secret_id, old in held if not ctx.webhook_secrets.opens(old, company_id=company_id)
        ]
        await subscriptions.drop_secrets(tx, id=id, secret_ids=lost)
        signing = await subscriptions.add_secret(tx, id=id, sealed=sealed, old_hours=OLD_HOURS)
        if signing is None:
            raise NotFound(NOT_THERE)
        if signing > MOST_SECRETS:
            raise Conflict(
                f"This webhook has {MOST_SECRETS} valid secrets already: rotate again when one has expired, "
                f"{OLD_HOURS} hours after it was replaced."
            )
    return Made(await find(ctx, company_id=company_id, id=id), secret)


async def ping(ctx: Context, *, company_id: str, id: UUID) -> Delivery:
    """Queue a test delivery without content. Raises NotFound."""
    async with ctx.db.transaction(company_id) as tx:
        delivery = await deliveries.insert_ping(tx, webhook_id=id)
    if delivery is None:
        raise NotFound(NOT_THERE)
    return await _delivery(ctx, company_id=company_id, event_id=delivery)


async def redeliver(ctx: Context, *, company_id: str, event_id: UUID) -> Delivery:
    """Send a delivery again under the same event id, whatever its status. Raises NotFound."""
    async with ctx.db.transaction(company_id) as tx:
        if not await deliveries.redeliver(tx, event_id=event_id):
            raise NotFound(NO_DELIVERY)
    return await _delivery(ctx, company_id=company_id, event_id=event_id)


async def page(
    ctx: Context,
    *,
    company_id: str,
    webhook_id: UUID | None,
    status: DeliveryStatus | None,
    before: UUID | None,
    limit: int,
) -> tuple[list[Delivery], bool]:
    """The company's deliveries, newest first, and whether there are more.

    Args:
        before: the event id of the last delivery on the previous page.
    """
    found = await deliveries.page(
        ctx.db,
        company_id=company_id,
        webhook_id=webhook_id,
        status=status,
        before=before,
        limit=limit + 1,
    )
    return found[:limit], len(found) > limit


async def _delivery(ctx: Context, *, company_id: str, event_id: UUID) -> Delivery:
    found = await deliveries.page(ctx.db, company_id=company_id, event_id=event_id, limit=1)
    if not found:
        raise NotFound(NO_DELIVERY)
    return found[0]
