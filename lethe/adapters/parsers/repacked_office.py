"""Excel and OpenDocument: packed anew with safe XML only, then read by kreuzberg.

The new container has no images, no embedded files and no wrong sizes, so that whatever kreuzberg's reader
believes of a container's headers, it unpacks what was checked here.
"""

import io
import zipfile

from lethe.adapters.parsers.containers import texts
from lethe.adapters.parsers.extractor import extract
from lethe.adapters.parsers.markup import check_xml, read_xml
from lethe.adapters.parsers.source import Reading, Source
from lethe.domain.file_types import MEDIA_TYPES


def read_office(source: Source, extension: str) -> Reading:
    """A checked container; `pages` are sheets, None for odt.

    Raises InputRejected for unsafe or damaged XML in it, and for more sheets than `limits.pages`.
    """
    pages = 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in texts(source):
            _check_member(source, extension, name, data)
            pages += extension == "xlsx" and name.startswith("xl/worksheets/sheet")
            if pages > source.limits.pages:
                raise source.rejected(f"has more pages than the limit of {source.limits.pages:,}: split it")
            archive.writestr(name, data)
    result = extract(source, packed.getvalue(), MEDIA_TYPES[extension])
    return Reading(result.content, result.title, pages or None)


def _check_member(source: Source, extension: str, name: str, data: bytes) -> None:
    """Depth is not counted in sheets: their reader does not nest, and a sheet may have millions of cells."""
    if name == "mimetype":
        return
    if extension == "xlsx":
        read_xml(source, data)
    else:
        check_xml(source, data)
