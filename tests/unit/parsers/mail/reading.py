"""Mails read as a caller reads them, and parts that more than one file of tests uses."""

import tempfile
from pathlib import Path

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers.made.mails import mail

PLAIN, PAGE = "text/plain; charset=utf-8", "text/html; charset=utf-8"
NESTED = mail("The budget is agreed.", head="From: c@example.org\nSubject: Budget\n")
INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Madrid
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Stand-up\\, weekly
DTSTART;TZID=Europe/Madrid:20261102T093000
DTEND:20261102T090000Z
LOCATION:Room 4
ORGANIZER;CN="Ruiz; Nora":mailto:nora@b.example
ATTENDEE;CN=Luis;PARTSTAT=NEEDS-ACTION:MAILTO:luis@b.
 example
DESCRIPTION:Bring\\nnumbers
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def read(data: bytes) -> ParsedFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        return parse(path, "a.eml", Limits())


def read_or_refused(data: bytes) -> str:
    try:
        return read(data).markdown
    except InputRejected as refusal:
        return str(refusal)
