"""Converts files to markdown, and refuses broken and hostile ones.

`parse` runs in a child process with limits on CPU time and memory. The limits checked here give clear messages.
"""

from collections.abc import Callable
from pathlib import Path

from lethe.domain.file_types import CODE_TYPES, TEXT_TYPES, FileType
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers.mail.message import read_email, read_web_archive
from lethe.parsers.markdown.writer import too_much_text
from lethe.parsers.old_office.documents import read_old_slides, read_old_word
from lethe.parsers.opendocument.sheets import read_open_sheets
from lethe.parsers.opendocument.slides import read_open_slides
from lethe.parsers.opendocument.text import read_open_text
from lethe.parsers.pdf import check_pdf, read_pdf
from lethe.parsers.plain.json_values import read_json
from lethe.parsers.plain.notebooks import read_notebook
from lethe.parsers.plain.separated import read_separated
from lethe.parsers.plain.texts import read_code, read_text
from lethe.parsers.plain.xml_outline import read_xml_file
from lethe.parsers.recognise import recognise
from lethe.parsers.rich_text.reader import read_rtf
from lethe.parsers.slides.presentation import read_slides
from lethe.parsers.source import Reading, Source
from lethe.parsers.text import clean
from lethe.parsers.web.ebook import read_ebook
from lethe.parsers.web.page import read_html
from lethe.parsers.word.document import read_word
from lethe.parsers.workbooks.old_sheets import read_old_workbook
from lethe.parsers.workbooks.sheets import read_workbook_file

__all__ = ["parse"]

_READERS: dict[str, Callable[[Source], Reading]] = {
    **dict.fromkeys(TEXT_TYPES, read_text),
    **dict.fromkeys(CODE_TYPES, read_code),
    "txt": read_text,
    "md": read_text,
    "html": read_html,
    "pdf": read_pdf,
    "docx": read_word,
    "pptx": read_slides,
    "xlsx": read_workbook_file,
    "doc": read_old_word,
    "ppt": read_old_slides,
    "xls": read_old_workbook,
    "odt": read_open_text,
    "ott": read_open_text,
    "fodt": read_open_text,
    "ods": read_open_sheets,
    "ots": read_open_sheets,
    "fods": read_open_sheets,
    "odp": read_open_slides,
    "otp": read_open_slides,
    "fodp": read_open_slides,
    "odg": read_open_slides,
    "csv": lambda source: read_separated(source, "csv"),
    "tsv": lambda source: read_separated(source, "tsv"),
    "json": read_json,
    "jsonl": read_json,
    "ipynb": read_notebook,
    "xml": read_xml_file,
    "eml": lambda source: read_email(source, parse),
    "mht": lambda source: read_web_archive(source, source.read()),
    "epub": read_ebook,
    "rtf": read_rtf,
}


def parse(path: Path, file_name: str | None, limits: Limits, label: str | None = None) -> ParsedFile:
    """Converts the file at `path` to markdown. Messages about a file without a name show `label`.

    `file_name` is the caller's name for it. Without one, or without an extension, the content decides the type, and
    plain text counts as markdown.

    Raises InputRejected with a sentence that names the file and the reason: it is empty, too large, encrypted, a bomb,
    damaged, of another type than its name says, without text, or has more than `limits.text_characters`.
    """
    source = Source(path, file_name, limits, label)
    file_type = _checked(source)
    try:
        reading = _READERS[file_type.extension](source)
        markdown = clean(reading.markdown)
    except MemoryError as exc:
        raise source.rejected("needs more memory to read than is allowed: split it") from exc
    if len(markdown) > limits.text_characters:
        raise too_much_text(source)
    if not markdown or markdown.isspace():
        raise source.rejected("has no text")
    title = " ".join((reading.title or "").split())[:500] or None
    return ParsedFile(
        file_type=file_type.extension,
        media_type=file_type.media_type,
        markdown=markdown,
        pages=reading.pages,
        title=title,
        warnings=reading.warnings,
        places=reading.places,
        rows=reading.rows,
    )


def _checked(source: Source) -> FileType:
    size = source.path.stat().st_size
    if size > source.limits.file_bytes:
        raise source.rejected(f"has {size:,} bytes, which is over the limit of {source.limits.file_bytes:,}")
    if not source.head.strip(b" \t\r\n\f\v") and not source.read().strip():
        raise source.rejected("is empty")
    file_type = recognise(source)
    if file_type.extension == "pdf":
        check_pdf(source)
    return file_type
