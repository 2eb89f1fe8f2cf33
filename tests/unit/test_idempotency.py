"""What makes a request the same."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lethe.api.request.request_hash import RequestHash

FORM = b"multipart/form-data; boundary="
JSON = b"application/json"


def fingerprint(*pieces: bytes, kind: bytes = JSON, path: str = "/v1/x", query: bytes = b"") -> bytes:
    """The fingerprint of a request whose body comes in these pieces."""
    made = RequestHash(
        {"method": "POST", "path": path, "query_string": query, "headers": [(b"content-type", kind)]}
    )
    for piece in pieces:
        made.update(piece)
    return made.digest()


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """The body in pieces."""
    ends = [0, *sorted(p % (len(body) + 1) for p in places), len(body)]
    return [body[a:b] for a, b in pairwise(ends)]


SHORT = st.binary(max_size=12).map(lambda b: bytes(x % 3 + 97 for x in b))
PLACES = st.lists(st.integers(0, 200), max_size=6)


@given(SHORT, PLACES)
def test_how_a_body_is_cut_does_not_count(body: bytes, places: list[int]) -> None:
    assert fingerprint(*cut(body, places)) == fingerprint(body)


@given(st.lists(SHORT, max_size=5), SHORT.filter(bool), PLACES)
def test_how_a_form_is_cut_does_not_count_even_within_a_boundary(
    parts: list[bytes], boundary: bytes, places: list[int]
) -> None:
    body = b"--" + boundary.join(parts)
    kind = FORM + boundary
    assert fingerprint(*cut(body, places), kind=kind) == fingerprint(body, kind=kind)


@given(st.lists(SHORT, min_size=1, max_size=5), PLACES)
def test_a_form_with_another_boundary_is_the_same(parts: list[bytes], places: list[int]) -> None:
    texts = [
        fingerprint(*cut(boundary.join(parts), places), kind=FORM + boundary)
        for boundary in (b"XX1", b"YYYY-2")
    ]
    assert texts[0] == texts[1]


def test_method_path_query_kind_and_body_count() -> None:
    found = {
        fingerprint(b"a"),
        fingerprint(b"b"),
        fingerprint(b"a", path="/v1/y"),
        fingerprint(b"a", query=b"z"),
        fingerprint(b"a", kind=b"text/plain"),
        fingerprint(b"a", kind=FORM + b"b"),
        fingerprint(b"b", kind=FORM + b"x"),
    }
    assert len(found) == 7
    assert fingerprint(b"a", kind=b"application/json; charset=utf-8") == fingerprint(b"a")
