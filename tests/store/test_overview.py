"""A company's figures: exact ones, and such as are ready at once."""

from lethe.store import overview
from lethe.store.database.pool import Database
from tests.store.planted import plant


async def test_documents_are_counted_up_to_a_bound_or_all_of_them(db: Database) -> None:
    await plant(db, "a" * 24, ["one", "two", "three", "four"])
    bounded = await overview.stock(db, company_id="a" * 24, most=2, failures=1)
    exact = await overview.stock(db, company_id="a" * 24, most=None, failures=1)
    assert (bounded.documents, bounded.chunks, bounded.bytes) == (3, 3, 3)
    assert (exact.documents, exact.chunks, exact.bytes) == (4, 4, 4)
