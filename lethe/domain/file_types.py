"""The file types that Lethe reads, and how to recognise them by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lethe.domain.errors import InputRejected

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
MEDIA_TYPES = {
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": _OFFICE + "wordprocessingml.document",
    "pptx": _OFFICE + "presentationml.presentation",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "doc": "application/msword",
    "ppt": "application/vnd.ms-powerpoint",
    "xls": "application/vnd.ms-excel",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ipynb": "application/x-ipynb+json",
    "xml": "application/xml",
    "eml": "message/rfc822",
    "mht": "multipart/related",
    "epub": "application/epub+zip",
    "rtf": "application/rtf",
    "odt": _OPEN + "text",
    "ods": _OPEN + "spreadsheet",
    "odp": _OPEN + "presentation",
    "odg": _OPEN + "graphics",
    "ott": _OPEN + "text-template",
    "ots": _OPEN + "spreadsheet-template",
    "otp": _OPEN + "presentation-template",
    "fodt": _OPEN + "text-flat-xml",
    "fods": _OPEN + "spreadsheet-flat-xml",
    "fodp": _OPEN + "presentation-flat-xml",
}
_PLACES = {
    **dict.fromkeys(("pdf", "odg"), "page"),
    **dict.fromkeys(("pptx", "ppt", "odp", "otp", "fodp"), "slide"),
    **dict.fromkeys(("xlsx", "xls", "ods", "ots", "fods"), "sheet"),
}
_NAMES_OF = {
    "md": "markdown mdown mkd",
    "txt": "text",
    "html": "htm xhtml xht",
    "tsv": "tab",
    "json": "json5 jsonc jsonld geojson topojson webmanifest har",
    "jsonl": "ndjson",
    "xml": "xsd xsl xslt rss atom svg kml gpx wsdl xliff xlf tmx resx plist",
    "mht": "mhtml",
    "docx": "docm dotx dotm",
    "pptx": "pptm potx potm ppsx ppsm",
    "xlsx": "xlsm xltx xltm",
    "doc": "dot",
    "ppt": "pps pot",
    "xls": "xlt",
}
"""Other extensions of a type, such as Office's templates and files with macros (which are not run)."""
_CANONICAL = {name: extension for extension, names in _NAMES_OF.items() for name in names.split()}

_PROSE = (
    "rst adoc asciidoc org tex ltx bib srt vtt sbv ics vcf textile wiki mediawiki creole pod man lrc fountain"
)
_CODE = """log yaml yml toml ini cfg conf config cnf properties env editorconfig gitignore dockerignore lock
    py pyi pyw rb js mjs cjs jsx ts mts cts tsx java kt kts scala groovy gradle c h cc cpp cxx hh hpp hxx m mm cs fs
    fsx vb go rs swift php phtml pl pm lua r jl dart ex exs erl hrl hs lhs elm clj cljs edn lisp el scm rkt ml mli
    nim zig vala pas pp f f90 f95 for adb ads cob asm s sol sh bash zsh fish ps1 psm1 psd1 bat cmd awk sed sql
    psql ddl css scss sass less styl vue svelte astro hbs mustache ejs erb jinja j2 twig liquid tf tfvars hcl nix
    cmake mk make dockerfile proto thrift graphql gql diff patch cue rego cls bas vbs ahk tcl applescript
    reg inf desktop out err trace stacktrace gv dot puml mmd prisma avsc http csproj vbproj sln"""
TEXT_TYPES = frozenset(_PROSE.split())
"""Further extensions of text files."""
CODE_TYPES = frozenset(_CODE.split())
"""Extensions of source code, settings and logs, in which a line that begins with # is not a heading."""

READERS = {
    "text": ("txt", "md", *sorted(TEXT_TYPES)),
    "code": tuple(sorted(CODE_TYPES)),
    "data": ("csv", "tsv", "json", "jsonl", "xml", "ipynb"),
    "web": ("html", "mht", "epub"),
    "pdf": ("pdf",),
    "word": ("docx",),
    "slides": ("pptx",),
    "workbook": ("xlsx", "xls"),
    "old_office": ("doc", "ppt"),
    "open_document": ("odt", "ott", "fodt", "ods", "ots", "fods", "odp", "otp", "fodp", "odg"),
    "rich_text": ("rtf",),
    "mail": ("eml",),
}
"""The readers by the names that callers see, each with the canonical extensions that it reads."""

_IMAGES = "png jpg jpeg jpe jfif gif tif tiff bmp webp heic heif avif ico psd jp2 dng"
_ARCHIVES = "zip tar gz tgz bz2 tbz2 xz txz zst 7z rar cab iso jar war ear dmg"
_BINARIES = """exe dll dylib bin msi deb rpm apk class pyc wasm dat db sqlite sqlite3 mdb accdb parquet feather
    mp3 mp4 m4a m4v avi mov mkv wav flac ogg oga ogv opus aac wma wmv webm mid ttf otf woff woff2 eot
    pub vsd vsdx mpp msg pst mobi azw azw3 djvu dwg sketch xps oxps"""
"""Extensions of binary types that are not read, whatever the content."""
_EXTENSION = re.compile(r"\.(?=[0-9]*[A-Za-z])([A-Za-z0-9]{1,12})$")

SUPPORTED = ", ".join(MEDIA_TYPES) + ", and source code, settings, logs and other plain text"
"""What is supported, as part of a sentence."""
NO_OCR = "text recognition (OCR) is not available, so no text can be read from it"
BINARY_WORKBOOK = "is a binary workbook (xlsb), which is not read: save it as xlsx"
ONE_BY_ONE = "send its files one by one"


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that Lethe reads: its canonical extension ("md", never "markdown") and its media type."""

    extension: str
    media_type: str


def place_kind(file_type: str) -> str:
    """What a place in a file of this type is: page, slide, sheet, or part (of a book or a message)."""
    return _PLACES.get(file_type, "part")


def place_in(file_type: str, number: int, name: str | None) -> dict[str, str | int]:
    """A place as answers show it: `{"page": 3}`, or `{"sheet": "Sales"}` if it has a name; empty for number 0."""
    return {place_kind(file_type): name or number} if number else {}


def rows_in(rows: Sequence[int], stretch: int = 0) -> dict[str, int]:
    """The rows of a stretch of a chunk (`Chunk.rows`) as answers show them; empty if there are none."""
    first, last = rows[2 * stretch : 2 * stretch + 2] or (0, 0)
    return {"first_row": first, "last_row": last} if first else {}


def file_type(extension: str) -> FileType:
    """The type of a canonical extension."""
    return FileType(extension, MEDIA_TYPES.get(extension, "text/plain"))


def reader_of(extension: str) -> str:
    """The name of the reader for a canonical extension."""
    return next(name for name, extensions in READERS.items() if extension in extensions)


def readable(reader: str) -> list[str]:
    """All extensions that the reader reads, with a dot before each."""
    others = [other for other, canonical in _CANONICAL.items() if canonical in READERS[reader]]
    return sorted(f".{extension}" for extension in {*READERS[reader]} - _CANONICAL.keys() | {*others})


def ending(file_name: str | None) -> str | None:
    """A name's extension in lower case, or None: the "2" of "Release 1.2" is not one."""
    match = _EXTENSION.search(file_name or "")
    return match[1].lower() if match else None


def named_type(file_name: str | None) -> str | None:
    """The canonical extension of the type that a file's name indicates; None if it indicates no known type.

    Raises InputRejected if the type is known but not supported.
    """
    extension = ending(file_name)
    if extension is None:
        return None
    extension = _CANONICAL.get(extension, extension)
    if extension in MEDIA_TYPES or extension in TEXT_TYPES or extension in CODE_TYPES:
        return extension
    shown = f"'{(file_name or '')[:200]}'"
    if extension in _IMAGES.split():
        raise InputRejected(f"{shown} is an image ({extension}): {NO_OCR}.")
    if extension in _ARCHIVES.split():
        raise InputRejected(f"{shown} is an archive ({extension}): {ONE_BY_ONE}.")
    if extension == "xlsb":
        raise InputRejected(f"{shown} {BINARY_WORKBOOK}.")
    if extension in _BINARIES.split():
        raise InputRejected(f"{shown} has the {unsupported_type(extension)}.")
    return None


def unsupported_type(extension: str) -> str:
    """The end of a sentence about a file of an unsupported type, after "... has the"."""
    return f"unsupported type '{extension}'; supported are {SUPPORTED}"
