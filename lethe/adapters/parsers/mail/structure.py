"""The messages of a file and the parts of a message, also where they are not as they say."""

import re
from collections.abc import Iterator
from email._policybase import Compat32
from email.message import Message
from email.parser import BytesParser
from typing import cast

from lethe.adapters.parsers.source import Source


class Part(Message):
    """A message or a part of one, whose headers and text can be had as they are written."""

    def written(self) -> str:
        """The text of the body, where bytes outside ASCII are lone surrogates; "" for a multipart."""
        payload: object = self._payload  # type: ignore[attr-defined] # what get_payload() decodes at once
        return payload if isinstance(payload, str) else ""

    def parts(self) -> list["Part"]:
        """The parts of a multipart, or the message that is inside; [] for a text."""
        payload = self.get_payload()
        return [part for part in payload if isinstance(part, Part)] if isinstance(payload, list) else []

    def all_parts(self) -> Iterator["Part"]:
        """The part and all that are in it, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting += reversed(part.parts())


class _AsWritten(Compat32):
    """Headers as they are written, instead of with the bytes replaced that they should not have."""

    def header_fetch_parse(self, _name: str, value: str) -> str:
        return value


_POLICY = _AsWritten()
MOST_NESTED = 200
"""Parts within each other: the parser's time grows with them."""
_MOST_WORK = 100_000_000
"""Lines times parts of one message: some 20 seconds."""
_MOST_HEADER_BYTES = 16 * 1024
"""A header about the content, in which the parser's time grows with the square."""
_LONG_HEADER = re.compile(
    rb"^content-[a-z-]{1,40}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)
_MESSAGE_START = re.compile(
    rb"(?:(?<=\n\n)|(?<=\n\r\n)|\A)From [^\n]{0,200}\d\d:\d\d[^\n]{0,40}\r?\n(?=[!-9;-~]{1,76}:|>From )"
)
_LEADING = re.compile(rb"(?:\xef\xbb\xbf|[ \t]*\r?\n|[ \t]*\r|>From [^\n]*\n)++")
_BOUNDARY = re.compile(
    rb"^--(-{0,60}[^\s-][^\r\n]{0,70}?)[ \t]*\r?\n(?=Content-[\w-]{1,40}[ \t]*:)",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_HEADERS = frozenset(
    [
        "from",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "sender",
        "reply-to",
        "received",
        "message-id",
        "mime-version",
        "content-type",
        "return-path",
        "delivered-to",
        "in-reply-to",
        "references",
        "x-mailer",
        "newsgroups",
        "resent-from",
        "resent-date",
        "content-transfer-encoding",
    ]
)


def messages(source: Source) -> list[Part]:
    """The messages of the file: one, or those of a mailbox (mbox).

    Raises InputRejected for a file that is no e-mail, and for one whose parts would take too long to tell apart.
    """
    data = source.read()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    leading = _LEADING.match(data)
    if leading is not None:
        data = data[leading.end() :]
    if any(len(match[0]) > _MOST_HEADER_BYTES for match in _LONG_HEADER.finditer(data)):
        raise source.rejected(f"is an e-mail with a header of more than {_MOST_HEADER_BYTES:,} bytes")
    starts = [match.start() for match in _MESSAGE_START.finditer(data)] if data.startswith(b"From ") else []
    pieces = (
        [data]
        if len(starts) < 2
        else [data[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    )
    del data
    found = [parsed(source, piece) for piece in pieces]
    if not any(_is_mail(message) for message in found):
        raise source.rejected("is named as eml but its content is no e-mail: it has no headers")
    return found


def parsed(source: Source, data: bytes) -> Part:
    """The message in `data`. Raises InputRejected for too many parts within each other."""
    if data.lower().count(b"boundary=") * (data.count(b"\n") + data.count(b"\r")) > _MOST_WORK:
        raise source.rejected("is an e-mail of too many parts and lines: split it")
    try:
        return cast("Part", BytesParser(Part, policy=_POLICY).parsebytes(data))
    except RecursionError as exc:
        raise too_nested(source) from exc


def too_nested(source: Source) -> Exception:
    """The error for a message that is nested deeper than `MOST_NESTED`."""
    return source.rejected(f"is an e-mail of more than {MOST_NESTED} nested parts")


def is_cut(message: Part) -> bool:
    """Whether the message ends within a part."""
    return any(type(defect).__name__ == "CloseBoundaryNotFoundDefect" for defect in message.defects)


def parts_by_guess(source: Source, data: bytes) -> list[Part]:
    """The parts of a body whose boundary is not the one that its message tells, by the first line that looks
    like one; none where no line does."""
    line = _BOUNDARY.search(data)
    if line is None:
        return []
    boundary = line[1].replace(b"\\", rb"\\").replace(b'"', rb"\"")
    return parsed(source, b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n' + data).parts()


def _is_mail(message: Part) -> bool:
    return any(name.lower() in _MAIL_HEADERS for name in message.keys())  # noqa: SIM118 - not a mapping
