"""Calendars and business cards in mails (iCalendar, vCard): what a mail program shows of them."""

import quopri
import re
from collections.abc import Iterator

_FOLDED = re.compile(r"\r?\n[ \t]")
_SOFT_END = re.compile(r"=\r?\n")
_LINE = re.compile(r'(?:[\w-]{1,60}\.)?([A-Za-z-]{1,60})((?:;(?:[^:";]++|"[^"]*+")*+)*+):(.*)')
_PARAMETER = re.compile(r';([\w-]{1,60})=(?:"([^"]*)"|([^;]*))')
_ESCAPE = re.compile(r"\\(.)")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_EVENT = {
    "SUMMARY": "Summary",
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "DURATION": "Duration",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendee",
    "STATUS": "Status",
    "RRULE": "Repeats",
    "DESCRIPTION": "Description",
    "COMMENT": "Comment",
    "URL": "Address",
}
_CARD = {
    "FN": "Name",
    "NICKNAME": "Nickname",
    "ORG": "Organisation",
    "TITLE": "Title",
    "ROLE": "Role",
    "TEL": "Telephone",
    "EMAIL": "E-mail",
    "ADR": "Address",
    "URL": "Page",
    "BDAY": "Birthday",
    "NOTE": "Note",
}
_SHOWN = {"VEVENT": _EVENT, "VTODO": _EVENT, "VJOURNAL": _EVENT, "VCARD": _CARD}


def shown_properties(text: str) -> Iterator[list[str]]:
    """The lines of each event, task or card: `Summary: Stand-up`."""
    lines: list[str] = []
    names: dict[str, str] = {}
    for line in _FOLDED.sub(
        "", _SOFT_END.sub("", text) if "QUOTED-PRINTABLE" in text.upper() else text
    ).splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        name, value = match[1].upper(), match[3].strip()
        if name == "BEGIN":
            names = _SHOWN.get(value.upper(), {})
        elif name == "END":
            if lines and value.upper() in _SHOWN:
                yield lines
                lines = []
            names = {}
        elif name in names and value:
            shown = _value(name, _parameters(match[2]), value)
            if shown:
                lines.append(f"{names[name]}: {shown}")
    if lines:
        yield lines


def _parameters(text: str) -> dict[str, str]:
    return {key.upper(): quoted or plain for key, quoted, plain in _PARAMETER.findall(text)}


def _value(name: str, parameters: dict[str, str], value: str) -> str:
    if parameters.get("ENCODING", "").upper() == "QUOTED-PRINTABLE":
        value = quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
    if name in ("DTSTART", "DTEND", "DUE"):
        return _time(value, parameters.get("TZID", ""))
    if name in ("ORGANIZER", "ATTENDEE"):
        address = re.sub("^mailto:", "", value, flags=re.IGNORECASE)
        common = parameters.get("CN", "")
        return f"{common} <{address}>" if common and common != address else address
    if name in ("ADR", "ORG"):
        value = ", ".join(part for part in re.split(r"(?<!\\);", value) if part.strip())
    return " ".join(_ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).split())


def _time(value: str, zone: str) -> str:
    match = _TIME.fullmatch(value)
    if match is None:
        return value
    year, month, day, hour, minute, _second, utc = match.groups()
    shown = f"{year}-{month}-{day}"
    if hour:
        shown += f" {hour}:{minute}{' UTC' if utc else f' {zone}' if zone else ''}"
    return shown
