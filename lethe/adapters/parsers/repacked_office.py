"""Word, PowerPoint and OpenDocument: packed anew with safe XML only, then read by kreuzberg.

The new container has no images, no embedded files and no wrong sizes, so that whatever kreuzberg's reader
believes of a container's headers, it unpacks what was checked here.
"""

import io
import zipfile

from lethe.adapters.parsers.containers import texts
from lethe.adapters.parsers.extractor import extract
from lethe.adapters.parsers.markup import check_xml
from lethe.adapters.parsers.slide_notes import SlideNotes
from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.word_lists import DOCUMENT, STYLES, with_lists
from lethe.domain.file_types import MEDIA_TYPES

_PAGES = {"pptx": "ppt/slides/slide"}


def read_office(source: Source, extension: str) -> Reading:
    """A checked container; `pages` are slides, None for docx and odt.

    Raises InputRejected for unsafe or damaged XML in it, and for more slides than `limits.pages`.
    """
    notes = SlideNotes(source)
    word: dict[str, bytes] = {}
    pages = 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in texts(source):
            if name != "mimetype":
                check_xml(source, data)
            if extension == "docx" and name in (DOCUMENT, STYLES):
                word[name] = data
                continue
            if extension == "pptx":
                notes.see(name, data)
            pages += name.startswith(_PAGES.get(extension, "/"))
            if pages > source.limits.pages:
                raise source.rejected(f"has more pages than the limit of {source.limits.pages:,}: split it")
            archive.writestr(name, data)
        if STYLES in word and DOCUMENT in word:
            word[DOCUMENT] = with_lists(source, word[DOCUMENT], word[STYLES])
        for name, data in word.items():
            archive.writestr(name, data)
    word.clear()
    result = extract(source, packed.getvalue(), MEDIA_TYPES[extension])
    return Reading(result.content + notes.markdown(), result.title, pages or None)
