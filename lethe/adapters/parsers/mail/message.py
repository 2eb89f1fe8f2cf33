"""E-mails (.eml): what was said, by whom, with which files."""

import email
import re
from email import policy
from email.errors import MessageError
from email.message import EmailMessage

from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.text import clean

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_MOST_HEADER_BYTES = 64 * 1024
"""Headers of one message. The parser's memory grows with the square of a header in encoded words: measured 43 MiB
for 31 KiB, 455 MiB for 125 KiB, 6 GiB for 468 KiB."""
_MOST_PARTS = 200
"""Parts of one message: the parser's time grows with their nesting."""


def read_email(source: Source) -> Reading:
    """An e-mail: its headers, its body, the names of its attachments. Attached files
    are not read.

    Raises InputRejected for a file that is no e-mail, is cut, or has too many parts.
    """
    data = source.read()
    if data.lower().count(b"boundary=") > _MOST_PARTS:
        raise source.rejected(f"is an e-mail of more than {_MOST_PARTS} nested parts")
    end = _END_OF_HEADERS.search(data)
    if not end:
        raise source.rejected(
            "is damaged or no e-mail: it has no empty line between its headers and its text"
        )
    if end.start() > _MOST_HEADER_BYTES:
        raise source.rejected(f"is an e-mail whose headers have more than {_MOST_HEADER_BYTES:,} bytes")
    try:
        message = email.message_from_bytes(data, policy=policy.default)
        del data
        if not message.keys() or (message.defects and not message.get("From")):
            raise source.rejected("is named as eml but its content is no e-mail: it has no headers")
        if any(type(defect).__name__ == "CloseBoundaryNotFoundDefect" for defect in message.defects):
            raise source.rejected("is damaged: the e-mail ends before its last part does")
        lines = [f"**{name}**: {_plain(str(message[name]))}" for name in _HEADERS if message[name]]
        attached = [
            _plain(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()
        ]
        body = _body(source, message)
        subject = clean(str(message["Subject"] or "")).strip() or None
    except (
        ArithmeticError,
        LookupError,
        ValueError,
        RecursionError,
        AttributeError,
        TypeError,
        MessageError,
    ) as exc:
        raise source.rejected("is damaged: the e-mail cannot be read to the end") from exc
    if attached:
        body += "\n\n**Attachments**:\n\n" + "\n".join(f"- {name}" for name in attached)
    return Reading("\n\n".join([*lines, body]), title=subject)


def _body(source: Source, message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = str(part.get_content())
    if part.get_content_type() == "text/html":
        return text
    return clean(text)


def _plain(header: str) -> str:
    """A header in one line."""
    return " ".join(clean(header).split())
