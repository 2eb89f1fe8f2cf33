"""The messages of a file and the parts of a message, even where the headers are wrong."""

import re
from collections.abc import Iterator
from email._policybase import Compat32
from email.message import Message
from email.parser import BytesParser
from typing import cast

from lethe.parsers.source import Source


class Part(Message):
    """A message or part that gives access to its raw headers and text."""

    def written(self) -> str:
        """The text of the body, with bytes outside ASCII as lone surrogates; "" for a multipart."""
        return self._raw if isinstance(self._raw, str) else ""

    def parts(self) -> list["Part"]:
        """The parts of a multipart, or the message inside; [] for text."""
        return [part for part in self._raw if isinstance(part, Part)] if isinstance(self._raw, list) else []

    @property
    def _raw(self) -> object:
        """What get_payload() decodes at once, in a charset that need not be a name at all."""
        return self._payload  # type: ignore[attr-defined]

    def all_parts(self) -> Iterator["Part"]:
        """The part and all parts in it, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting += reversed(part.parts())


class _AsWritten(Compat32):
    """Keeps headers as written, where the default policy would replace invalid bytes."""

    def header_fetch_parse(self, _name: str, value: str) -> str:
        return value


_POLICY = _AsWritten()
MOST_NESTED = 200
"""The most nested parts: the parser's time grows with them."""
_MOST_WORK = 100_000_000
"""The most lines times parts in one message: about 20 seconds of work."""
_MOST_HEADER_BYTES = 16 * 1024
"""The largest content header: the parser's time grows with the square of its length."""
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

    Raises InputRejected for a file that is not an e-mail, and for one whose parts would take too long to separate.
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
        raise source.rejected("is named as eml but is not an e-mail: it has no headers")
    return found


def parsed(source: Source, data: bytes) -> Part:
    """The message in `data`. Raises InputRejected for too many nested parts."""
    if data.lower().count(b"boundary=") * (data.count(b"\n") + data.count(b"\r")) > _MOST_WORK:
        raise source.rejected("is an e-mail with too many parts and lines: split it")
    try:
        return cast("Part", BytesParser(Part, policy=_POLICY).parsebytes(data))
    except RecursionError as exc:
        raise too_nested(source) from exc


def too_nested(source: Source) -> Exception:
    """The error for a message that is nested deeper than `MOST_NESTED`."""
    return source.rejected(f"is an e-mail with more than {MOST_NESTED} nested parts")


def is_cut(message: Part) -> bool:
    """Whether the message ends within a part."""
    return any(type(defect).__name__ == "CloseBoundaryNotFoundDefect" for defect in message.defects)


def parts_by_guess(source: Source, data: bytes) -> list[Part]:
    """The parts of a body whose boundary differs from the declared one, split at the first line that looks like a
    boundary; none if no line does."""
    line = _BOUNDARY.search(data)
    if line is None:
        return []
    boundary = line[1].replace(b"\\", rb"\\").replace(b'"', rb"\"")
    return parsed(source, b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n' + data).parts()


def _is_mail(message: Part) -> bool:
    return any(name.lower() in _MAIL_HEADERS for name in message.keys())  # noqa: SIM118 - not a mapping
