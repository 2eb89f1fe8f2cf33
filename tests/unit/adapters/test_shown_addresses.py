"""The address of a fetched file, as it is kept and shown."""

import pytest

from lethe.adapters.fetch.shown import shown


@pytest.mark.parametrize(
    ("uri", "kept"),
    [
        ("https://example.org/a%20b.pdf?id=7&lang=es", "https://example.org/a%20b.pdf?id=7&lang=es"),
        ("https://nora:geheim@example.org:8443/a", "https://example.org:8443/a"),
        (
            "https://example.org/a?X-Amz-Credential=x&X-Amz-Signature=y&v=1#page=3",
            "https://example.org/a?v=1",
        ),
        ("https://example.org/a?access%5Ftoken=x&sig=y&apikey=z", "https://example.org/a"),
        ("https://example.org/a?sign=aries&tokenise", "https://example.org/a?sign=aries"),
        ("s3://bucket/folder/key?with#odd", "s3://bucket/folder/key?with#odd"),
        ("data:text/plain,secret", None),
        ("DATA:text/plain,secret", None),
        (None, None),
    ],
)
def test_an_address_keeps_what_leads_to_the_file_and_loses_what_gives_access(
    uri: str | None, kept: str | None
) -> None:
    assert shown(uri) == kept
