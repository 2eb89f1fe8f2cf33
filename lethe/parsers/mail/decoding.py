"""Decodes an e-mail: transfer encodings, charsets and encoded words in headers, valid or not."""

import binascii
import quopri
import re
from functools import lru_cache

from lethe.parsers.charsets import fitting, known_encoding, unread
from lethe.parsers.mail.structure import Part
from lethe.parsers.text import clean, decode

_WORD = re.compile(r"=\?([\w.:+-]{1,60})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_SPACES = re.compile(rb"\s+")
_EMPTY_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_BASE64_END = re.compile(rb"=+")
_UU_BEGIN = re.compile(rb"begin(?:-base64)? [0-7]{3,4} ")
_STATEFUL = ("utf-7", "utf-16", "utf-32", "iso2022", "hz")
_OF_MORE_BYTES = ("gb", "big5", "cp932", "cp949", "cp950", "euc", "shift", "johab", *_STATEFUL)


def content(part: Part) -> bytes:
    """The decoded content of a part; unchanged if it is not in the transfer encoding that it declares."""
    payload = part.written()
    data = payload.encode("ascii" if payload.isascii() else "utf-8", "surrogateescape")
    encoding = str(part.get("content-transfer-encoding", "")).split(";")[0].strip().strip("\"'").lower()
    if encoding == "base64":
        return _base64(data)
    if encoding in ("quoted-printable", "quotedprintable", "qp"):
        return quopri.decodestring(data)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return uudecoded(data)
    return data


def part_text(data: bytes, declared: str | None) -> tuple[str, tuple[str, ...]]:
    """`data` decoded by its declared charset if that is known and fits, else by the best guess; and warnings."""
    if data.isascii() and (declared or "").lower() in ("", "us-ascii", "utf-8"):
        return decode(data)
    encoding = known_encoding(declared)
    if encoding is not None and not _is_rather_utf8(data, encoding):
        text = fitting(data, encoding)
        if text is not None:
            return clean(text.removeprefix("\ufeff")), unread(data, text, encoding)
    return decode(data)


def header_text(value: object) -> str:
    """A header on one line, with its encoded words and raw bytes decoded; "" if it is missing."""
    text = str(value or "")
    if _escaped(text):
        data = text.encode("utf-8", "surrogateescape")
        text = fitting(data, "utf-8") or data.decode("cp1252", "replace")
    if "=?" in text:
        text = _words(text)
    return " ".join(clean(text.replace("\x00", "")).split())


def uudecoded(data: bytes) -> bytes:
    """The bytes of uuencoded text, as far as it is valid, with or without its `begin` line."""
    out = bytearray()
    for line in data.splitlines():
        if _UU_BEGIN.match(line) or not line.strip():
            continue
        if line.strip() == b"end":
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            try:  # the length is too small: some programs write trailing characters
                size = (((line[0] - 32) & 63) * 4 + 5) // 3
                out += binascii.a2b_uu(line[:size])
            except (binascii.Error, IndexError):
                continue
    return bytes(out)


def _base64(data: bytes) -> bytes:
    """Decodes base64 as far as possible, despite missing or misplaced padding and invalid characters. Text that a
    mailing list has put below it stays text."""
    begun = data.lstrip()
    if gap := _EMPTY_LINE.search(begun):
        head, below = begun[: gap.start()], begun[gap.end() :]
        if _is_text(below) and not _is_text(head):
            return _base64(head) + b"\n\n" + below
    if _is_text(data):
        return data
    packed = _NOT_BASE64.sub(b"", _SPACES.sub(b"", data))
    out = bytearray()
    for piece in _BASE64_END.split(packed):
        usable = piece[: len(piece) - (len(piece) % 4 == 1)]
        out += binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))
    return bytes(out)


def _is_text(data: bytes) -> bool:
    """Whether there are so many characters that base64 does not have that it is none."""
    strange, size = len(_NOT_BASE64.findall(data)), len(_SPACES.sub(b"", data))
    return strange * 20 > size or (strange > 0 and size < 40)


@lru_cache(8)  # a subject is decoded three times, and may be long
def _words(text: str) -> str:
    """Decodes encoded words (RFC 2047). Adjacent words of one charset are decoded together, as some programs split a
    character between two words."""
    pieces: list[str] = []
    pending, charset, end = bytearray(), "", 0
    text = _BETWEEN_WORDS.sub("", text)
    for match in _WORD.finditer(text):
        data = _word_bytes(match[2], match[3])
        if match.start() != end or match[1].lower() != charset:
            pieces.append(_word_text(pending, charset))
            pending = bytearray()
            pieces.append(text[end : match.start()])
            charset = match[1].lower()
        pending += data
        end = match.end()
    return "".join([*pieces, _word_text(pending, charset), text[end:]])


def _word_bytes(kind: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if kind in "bB":
        return _base64(data)
    return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)


def _word_text(data: bytes | bytearray, charset: str) -> str:
    if not data:
        return ""
    encoding = known_encoding(charset)
    if encoding is None or _is_rather_utf8(data, encoding):
        encoding = "utf-8"
    return fitting(bytes(data), encoding) or data.decode("cp1252", "replace")


def _is_rather_utf8(data: bytes | bytearray, encoding: str) -> bool:
    """Whether bytes labelled as a single-byte encoding are really UTF-8, which never happens by chance."""
    if data.isascii() or encoding.startswith(_OF_MORE_BYTES):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _escaped(text: str) -> bool:
    """Whether the text contains bytes that the parser could not read as ASCII."""
    return not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text)
