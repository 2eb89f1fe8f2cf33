"""The one place that calls kreuzberg, the library that reads most formats."""

import re
from dataclasses import dataclass

from kreuzberg import ExtractionConfig, ExtractionResult, KreuzbergError, PageConfig, extract_bytes_sync

from lethe.adapters.parsers.source import Source

_ESCAPED_NUMBER = re.compile(r"^(#{1,6} \d{1,9})\\\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Extract:
    """Markdown, the title where the format has one, and the plain text of each page of a PDF."""

    content: str
    title: str | None
    page_texts: list[str]


def extract(source: Source, data: bytes, media_type: str) -> Extract:
    """What kreuzberg reads out of `data`, as markdown. Nothing is fetched, cached or recognised from images.

    Raises InputRejected where kreuzberg cannot read it.
    """
    config = ExtractionConfig(
        use_cache=False,
        output_format="markdown",
        disable_ocr=True,  # type: ignore[call-arg]
        pages=PageConfig(extract_pages=True),
    )
    try:
        result = extract_bytes_sync(data, media_type, config)
    except (KreuzbergError, RuntimeError) as exc:
        if "password" in str(exc).lower():
            raise source.rejected("is encrypted: save it without a password and send it again") from exc
        raise source.rejected("is damaged: it cannot be read to the end") from exc
    # A heading cannot be taken for a list item, so its number needs no escape, which search would show.
    return Extract(
        _ESCAPED_NUMBER.sub(r"\1.", result.content), result.metadata.get("title"), _page_texts(result)
    )


def _page_texts(result: ExtractionResult) -> list[str]:
    return [page["content"] for page in result.pages or []]
