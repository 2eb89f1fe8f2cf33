"""The bounds of a token: the folders below which it may read and write."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_BOUND = 100
"""The most folders that one token is bound to."""


@dataclass(frozen=True, slots=True)
class BoundNode:
    """A folder that a token is bound to; `path` consists of titles, and is None if the folder is in the trash."""

    id: str
    path: str | None
    write: bool


class BoundCompany(str):
    """A company's id for a caller who may reach only some of its nodes: those at and below `reads`.

    It compares, is stored and is logged as the plain company id. Every transaction opened with it is restricted to the
    bounds, so code that passes the id on passes on the bounds, and cannot lose them by accident. What Lethe does on its
    own account uses a plain id (`whole`).
    """

    __slots__ = ("reads", "token_id", "writes")

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    token_id: str

    def may_change(self, path: str) -> bool:
        """Whether a node at this path may be changed: it must be below one of the folders `writes`."""
        return not {*path.split("/")[:-2]}.isdisjoint(self.writes)


def bounded(
    company_id: str, *, token_id: str, bound: bool, reads: Sequence[str], writes: Sequence[str]
) -> str:
    """The company's id with the token's bounds, if it is bound. A bound token without nodes sees nothing."""
    if not bound:
        return company_id
    company = BoundCompany(company_id)
    company.reads, company.writes, company.token_id = tuple(reads), tuple(writes), token_id
    return company


class ActsForToken:
    """The base of records with a token's bounds, which their `company_id` carries along wherever it is passed."""

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
    """The company's id without bounds, for Lethe's own work after a request has been found to be within its bounds."""
    return str(company_id)


def roots_of(company_id: str) -> tuple[str, ...] | None:
    """The folders that a caller is bound to; None for a caller who sees the whole company."""
    return company_id.reads if isinstance(company_id, BoundCompany) else None
