"""Signing in to the console once, by the address that a first start prints."""

import pytest

from lethe.core.access import sessions, tokens
from lethe.domain.errors import Unauthenticated
from lethe.store.database.pool import Database


async def test_an_address_signs_in_once_and_not_after_its_token_was_revoked(db: Database) -> None:
    token = await tokens.create_token(db, company="once", name="first", scopes=("knowledge:read",))
    used, unused = [await sessions.offer(db, token.secret) for _ in range(2)]
    session = await sessions.find(db, await sessions.accept(db, used))
    assert session.prefix == token.prefix
    with pytest.raises(Unauthenticated):
        await sessions.accept(db, used)
    await tokens.revoke_token(db, token.secret)
    with pytest.raises(Unauthenticated):
        await sessions.accept(db, unused)
    (known,) = await tokens.list_tokens(db, company="once")
    assert known.last_used_at is not None
    assert known.revoked_at is not None
    assert known.last_used_at < known.revoked_at
