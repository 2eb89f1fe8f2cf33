"""E-mails (.eml), mailboxes, and web pages archived as e-mails (.mht)."""

from lethe.parsers.mail.attachments import Attachments, Parse
from lethe.parsers.mail.decoding import content, header_text
from lethe.parsers.mail.parts import Parts, content_type
from lethe.parsers.mail.structure import messages, parsed
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.source import Reading, Source
from lethe.parsers.web.page import read_page


def read_email(source: Source, parse: Parse) -> Reading:
    """An e-mail, or the e-mails of a mailbox: headers, text, and attachments of the types that `parse` reads. Each
    message and attachment is a place.

    A warning names what cannot be read. Raises InputRejected for a file that is not an e-mail or has too many nested
    parts.
    """
    found = messages(source)
    writer = Writer(source)
    parts = Parts(source, writer, Attachments(source, writer, parse))
    for message in found:
        parts.write_message(message)
    parts.finish()
    return writer.reading(header_text(found[0].get("subject")) or None if len(found) == 1 else None)


def read_web_archive(source: Source, data: bytes) -> Reading:
    """The first page of an archive of a page with its images and styles (.mht), which has the form of a mail.

    Raises InputRejected for an archive without a page.
    """
    for part in parsed(source, data.lstrip()).all_parts():
        if content_type(part) in ("text/html", "application/xhtml+xml"):
            return read_page(source, content(part))
    raise source.rejected("is damaged: the archive contains no page")
