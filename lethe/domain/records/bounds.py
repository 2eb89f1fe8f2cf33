"""The bounds of a token: the folders below which it may read and write."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_BOUND = 100
"""Folders that one token is bound to."""


@dataclass(frozen=True, slots=True)
class BoundNode:
    """A folder that a token is bound to; `path` is that of titles, None if it is in the trash."""

    id: str
    path: str | None
    write: bool


class BoundCompany(str):
    """A company's id for whoever may reach only some of its nodes: those at and below `reads`.

    It is the company's id, wherever one is compared, stored or written into a log. The database sets the bounds of each
    transaction for it, so that who hands the company on hands on the bounds, and nobody can leave them behind by
    accident. What Lethe does on its own account has a plain id (`whole`).
    """

    __slots__ = ("reads", "token_id", "writes")

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    token_id: str

    def may_change(self, path: str) -> bool:
        """Whether a node at this path may be changed: one below a folder that may be written."""
        return not {*path.split("/")[:-2]}.isdisjoint(self.writes)


def bounded(
    company_id: str, *, token_id: str, bound: bool, reads: Sequence[str], writes: Sequence[str]
) -> str:
    """The company's id as a token acts for it. A bound token without nodes sees nothing."""
    if not bound:
        return company_id
    company = BoundCompany(company_id)
    company.reads, company.writes, company.token_id = tuple(reads), tuple(writes), token_id
    return company


class ActsForToken:
    """The base of records with a token's bounds: whoever hands their `company_id` on hands on the bounds."""

    __slots__ = ()

    company_id: str
    token_id: str
    bound: bool
    reads: list[str]
    writes: list[str]

    def __post_init__(self) -> None:
        """Put the bounds into the company's id."""
        company = bounded(
            self.company_id, token_id=self.token_id, bound=self.bound, reads=self.reads, writes=self.writes
        )
        object.__setattr__(self, "company_id", company)


def whole(company_id: str) -> str:
    """The company's id without bounds: for what Lethe does after a caller's request was found to be within them."""
    return str(company_id)


def roots_of(company_id: str) -> tuple[str, ...] | None:
    """The folders that a caller is bound to; None for one who sees the whole company."""
    return company_id.reads if isinstance(company_id, BoundCompany) else None
