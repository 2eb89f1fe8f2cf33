"""The parts of a message: which of them a person sees, and in what order."""

import re
from collections.abc import Iterable
from email.utils import collapse_rfc2231_value

from lethe.domain.errors import InputRejected
from lethe.parsers.mail.attachments import Attachments
from lethe.parsers.mail.bodies import enriched, plain_body, unflowed
from lethe.parsers.mail.decoding import content, header_text, part_text
from lethe.parsers.mail.properties import shown_properties
from lethe.parsers.mail.structure import (
    MOST_NESTED,
    Part,
    is_cut,
    parsed,
    parts_by_guess,
    too_nested,
)
from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.source import Source
from lethe.parsers.web.body.blocks import Seen
from lethe.parsers.web.charset import page_text
from lethe.parsers.web.page import Page

_HEADERS = ("From", "Reply-To", "Date", "To", "Cc", "Bcc", "Newsgroups", "Subject")
"""In the order of printed e-mails: the subject directly above the text."""
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news", "message/partial"})
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
                         "application/pgp-keys", "application/applefile", "application/pgp-encrypted"})  # fmt: skip
_LOCKED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_CARDS = frozenset({"text/calendar", "text/x-vcalendar", "text/vcard", "text/x-vcard", "text/directory"})
_CARD_NAMES = (".ics", ".vcs", ".vcf")
_FILES_OF_TEXT = frozenset({"text/csv", "text/rtf", "text/xml", "text/tab-separated-values", "text/markdown"})
_SECOND_PAGES = frozenset({"text/x-amp-html", "text/watch-html"})
_MARKED = ("text/enriched", "text/richtext")
_ENCRYPTED = "A part of the e-mail is encrypted and is left out."
_CUT = "The e-mail ends before its last part: some of it may be missing."
_STUB_WORDS = 100
"""A plain body of at most this many words may only point to the HTML version."""
_NEWS, _NEW_SHARE, _LACKING = 12, 0.15, 0.05
"""The HTML version replaces a long plain text if it has at least `_NEWS` new words, these are more than `_NEW_SHARE` of
its words, and it lacks at most `_LACKING` of the plain text's."""
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"(?:https?://|mailto:|www\.)[^\s<>)\]]*")


class Parts:
    """Writes messages with their nested messages and attachments."""

    def __init__(self, source: Source, writer: Writer, attachments: Attachments) -> None:
        self._source, self._writer, self._attachments = source, writer, attachments
        self._seen = Seen()
        self._messages = 0
        self._cards: set[str] = set()
        self._comparing = False
        """True while a text is only compared with another one, so that unreadable bytes in it cause no warning."""
        self._without_text = 0
        """How many enclosing parts repeat text that is already written; only their files are read."""

    def write_message(self, message: Part, depth: int = 0) -> None:
        """A message: headers, text and attachments; under a heading unless it is the first."""
        subject = header_text(message.get("subject"))
        self._writer.next_place(subject)
        if self._messages:
            self._writer.heading(2, literal(subject or "Message"))
            self._write_headers(message, _HEADERS[:-1])
        else:
            self._write_headers(message)
        self._messages += 1
        self._write(message, depth)

    def finish(self) -> None:
        """Lists the attachments that were not read, and adds the warnings."""
        self._attachments.finish()
        self._warn(self._seen.left_out.sentences())

    def _write_headers(self, message: Part, names: tuple[str, ...] = _HEADERS) -> None:
        sender = header_text(message.get("from"))
        for name in names:
            for value in message.get_all(name, [])[:20]:
                text = header_text(value)
                if text and not (name == "Reply-To" and text == sender):
                    self._writer.paragraph(f"**{name}**: {literal(text)}")

    def _write(self, part: Part, depth: int, *, related: bool = False) -> None:
        if depth > MOST_NESTED:
            raise too_nested(self._source)
        kind = content_type(part)
        if kind.startswith("message/"):
            self._write_nested(part, kind, depth)
            return
        parts = self._parts_of(part, kind)
        if not parts:
            self._write_leaf(
                part, "text/plain" if kind.startswith("multipart/") else kind, depth, related=related
            )
            return
        if is_cut(part):
            self._writer.warn(_CUT)
        if kind == "multipart/encrypted":
            self._writer.warn(_ENCRYPTED)
        elif kind == "multipart/alternative":
            self._write_alternative(parts, depth)
        else:
            for inner in parts:
                self._write(inner, depth + 1, related=related or kind == "multipart/related")

    def _parts_of(self, part: Part, kind: str) -> list[Part]:
        parts = part.parts()
        if not parts and (kind.startswith("multipart/") or "content-type" not in part):
            parts = parts_by_guess(self._source, content(part))
        return parts

    def _write_alternative(self, parts: list[Part], depth: int) -> None:
        """Writes the plain text and the HTML version's files, or only the HTML version if it says much more; calendars
        always."""
        plain = next(
            (part for part in parts if content_type(part) == "text/plain" and content(part).strip()), None
        )
        rich = [part for part in parts if _is_rich(part)]
        before = self._writer.characters
        if plain is not None and not (rich and self._says_more(plain, rich[-1])):
            self._write(plain, depth + 1)
            self._without_text += 1
            for part in rich:
                self._write(part, depth + 1)
            self._without_text -= 1
        else:
            for part in reversed(rich):
                self._write(part, depth + 1)
                if self._writer.characters > before:
                    break
            else:
                if plain is not None:
                    self._write(plain, depth + 1)
        for part in parts:
            kind = content_type(part)
            if kind != "text/plain" and kind not in _SECOND_PAGES and part not in rich:
                self._write(part, depth + 1)

    def _says_more(self, plain: Part, rich: Part) -> bool:
        """Whether the HTML version has more than twice the words of a short plain text, or nearly all of its words and
        many more, such as the items of an order."""
        page = next((part for part in rich.all_parts() if content_type(part) == "text/html"), None)
        if page is None:
            return False
        scratch = Writer(self._source)
        self._comparing = True
        try:
            self._page(page).write(scratch, Seen())
            here, there = (_words(text) for text in (self._text(plain, content(plain)), scratch.text()))
        except InputRejected:  # the HTML version is too large or too deep; the plain text remains
            return False
        finally:
            self._comparing = False
        if len(here) <= _STUB_WORDS and len(there) > 2 * len(here) + 5:
            return True
        said, shown = set(here), set(there)
        news = len(shown - said)
        return news >= _NEWS and news > _NEW_SHARE * len(shown) and len(said - shown) <= _LACKING * len(said)

    def _write_nested(self, part: Part, kind: str, depth: int) -> None:
        encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
        inner = part.parts() or [parsed(self._source, content(part))]
        if encoding in ("base64", "quoted-printable") and not inner[0].keys():
            # not allowed by the standard, but common
            body = inner[0]
            body["content-transfer-encoding"] = encoding
            inner = [parsed(self._source, content(body))]
        if kind in _MESSAGES:
            for message in inner:
                self.write_message(message, depth + 1)
        elif kind == "message/external-body":
            self._attachments.leave_out(
                _name(part) or header_text(inner[0].get("content-id")) or kind, "is not in the file"
            )
            self._writer.paragraph(literal(self._text(inner[0], content(inner[0]))))
        else:  # delivery reports and similar parts consist of fields, like headers
            for fields in inner:
                lines = [f"{name}: {literal(header_text(value))}" for name, value in fields.items()]
                self._writer.paragraph("\n".join(lines))
                self._writer.paragraph(literal(self._text(fields, content(fields))))

    def _write_leaf(self, part: Part, kind: str, depth: int, *, related: bool) -> None:
        name = _name(part)
        attached = part.get_content_disposition() == "attachment" and bool(name)
        if kind in _SIGNATURES:
            return
        if kind in _LOCKED and "signed" not in _parameter(part, "smime-type"):
            self._writer.warn(_ENCRYPTED)
        elif name.lower().endswith(".eml"):
            self.write_message(parsed(self._source, content(part)), depth + 1)
        elif kind.startswith("text/") and not attached and not (name and kind in _FILES_OF_TEXT):
            if not self._without_text:
                self._write_text(part, kind)
        elif related and kind.startswith("image/"):
            self._seen.left_out["image"] += self._without_text > 0
        else:
            data = content(part)
            is_card = kind in _CARDS or name.lower().endswith(_CARD_NAMES)
            text = self._text(part, data) if is_card or kind.startswith("text/") else None
            if is_card and text is not None:
                self._write_properties(text, name)
            else:
                self._attachments.add(name or kind, kind, data, text)

    def _write_text(self, part: Part, kind: str) -> None:
        if kind == "text/html":
            self._page(part).write(self._writer, self._seen)
            return
        if kind == "text/rfc822-headers":
            self._write_headers(parsed(self._source, content(part)))
            return
        text = self._text(part, content(part))
        if kind in _CARDS:
            self._write_properties(text, "")
            return
        if kind in _MARKED:
            text = enriched(text)
        elif _parameter(part, "format").lower() == "flowed":
            text = unflowed(text, delete_space=_parameter(part, "delsp").lower() == "yes")
        body = plain_body(text)
        self._writer.paragraph(literal(body.text))
        if body.encrypted:
            self._writer.warn(_ENCRYPTED)
        for name, data in body.files:
            self._attachments.add(name, "application/octet-stream", data, None)

    def _write_properties(self, text: str, name: str) -> None:
        """Writes a calendar or card once: invitations contain it both as a part and as a file. Other content is written
        as code."""
        key = " ".join(text.split())
        if key in self._cards:
            return
        self._cards.add(key)
        if name:
            self._writer.heading(2, literal(name))
        before = self._writer.characters
        for lines in shown_properties(text):
            self._writer.paragraph(literal("\n".join(lines)))
        if self._writer.characters == before:
            self._writer.code(text)

    def _page(self, part: Part) -> Page:
        data = content(part)
        charset = _parameter(part, "charset")
        if charset:
            return Page(self._source, self._text(part, data))
        text, warnings = page_text(data)
        self._warn(warnings)
        return Page(self._source, text)

    def _text(self, part: Part, data: bytes) -> str:
        text, warnings = part_text(data, _parameter(part, "charset"))
        self._warn(warnings)
        return text

    def _warn(self, warnings: Iterable[str]) -> None:
        for sentence in () if self._comparing else warnings:
            self._writer.warn(sentence)


def _is_rich(part: Part) -> bool:
    kind = content_type(part)
    return kind.startswith("multipart/") or kind in ("text/html", *_MARKED)


def content_type(part: Part) -> str:
    """The part's type in lower case; text/plain if it is invalid."""
    try:
        return part.get_content_type()
    except (ValueError, TypeError, LookupError, AttributeError):  # malformed headers
        return "text/plain"


def _parameter(part: Part, name: str) -> str:
    """A parameter of the content type; "" if it is missing."""
    try:
        value = part.get_param(name, "")
        return collapse_rfc2231_value(value).strip() if value else ""
    except (ValueError, TypeError, LookupError, AttributeError):
        return ""


def _name(part: Part) -> str:
    """The file's name without its folders; "" if it has none."""
    try:
        name = header_text(part.get_filename())
    except (ValueError, TypeError, LookupError, AttributeError):
        return ""
    return re.split(r"[/\\]", name)[-1].strip()[:200]


def _words(text: str) -> list[str]:
    return _WORD.findall(_ADDRESS.sub(" ", text).casefold())
