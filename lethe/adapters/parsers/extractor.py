"""The one place that calls kreuzberg, the library that reads most formats."""

from kreuzberg import ExtractionConfig, ExtractionResult, KreuzbergError, PageConfig, extract_bytes_sync

from lethe.adapters.parsers.source import Source


def extract(source: Source, data: bytes, media_type: str) -> ExtractionResult:
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
        return extract_bytes_sync(data, media_type, config)
    except (KreuzbergError, RuntimeError) as exc:
        if "password" in str(exc).lower():
            raise source.rejected("is encrypted: save it without a password and send it again") from exc
        raise source.rejected("is damaged: it cannot be read to the end") from exc
