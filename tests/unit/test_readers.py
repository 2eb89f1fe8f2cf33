"""What Lethe knows of the types that it reads: the readers that callers see are those that read."""

import pytest

from lethe.domain.file_types import READERS, place_in, readable, reader_of
from lethe.parsers import _READERS


def test_each_type_has_one_reader() -> None:
    named = [extension for extensions in READERS.values() for extension in extensions]
    assert len(named) == len(set(named))
    assert set(named) == set(_READERS)
    assert {reader_of(extension) for extension in _READERS} == set(READERS)
    assert {".md", ".markdown", ".rst"} < set(readable("text"))


@pytest.mark.parametrize(
    ("extensions", "kind"),
    [
        (("xlsx", "xls", "ods", "ots", "fods"), "sheet"),
        (("pptx", "ppt", "odp", "otp", "fodp"), "slide"),
        (("pdf", "odg"), "page"),
        (("eml", "epub"), "part"),
    ],
)
def test_templates_and_flat_files_have_the_places_of_their_family(
    extensions: tuple[str, ...], kind: str
) -> None:
    assert [place_in(one, 2, "Sales") for one in extensions] == [{kind: "Sales"}] * len(extensions)
