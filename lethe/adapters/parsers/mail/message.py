"""E-mails (.eml) and mailboxes: what was said, by whom, with which files."""

from lethe.adapters.parsers.mail.attachments import Attachments, Parse
from lethe.adapters.parsers.mail.decoding import header_text
from lethe.adapters.parsers.mail.parts import Parts
from lethe.adapters.parsers.mail.structure import messages
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.source import Reading, Source


def read_email(source: Source, parse: Parse) -> Reading:
    """An e-mail, or the e-mails of a mailbox: headers, text, and attachments of the types that `parse` reads. Each
    message and attachment is a place.

    What cannot be read is told by a warning. Raises InputRejected for a file that is no e-mail, or has too many
    parts within each other.
    """
    found = messages(source)
    writer = Writer(source)
    parts = Parts(source, writer, Attachments(source, writer, parse))
    for message in found:
        parts.write_message(message)
    parts.finish()
    return writer.reading(header_text(found[0].get("subject")) or None if len(found) == 1 else None)
