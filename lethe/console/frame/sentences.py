"""Translates sentences of the core and the readers, including the values in them.

Documents and tasks are stored with English sentences. Each is recognised by its fixed words. A sentence that is not
listed here is shown as it is."""

import re
from functools import cache

from lethe.console.frame.languages import Language


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


SENTENCES = (
    _("'%(name)s' has %(num)s bytes, over the limit of %(most)s."),
    _("'%(name)s' has over %(most)s bytes, which is the limit."),
    _("'%(name)s' could not be parsed: %(what)s."),
    _("is empty"),
    _("has no text"),
    _("is an image (%(kind)s): text recognition (OCR) is not available, so no text can be read from it"),
    _("is an archive (%(kind)s): send its files one by one"),
    _("is a binary workbook (xlsb), which is not read: save it as xlsx"),
    _(
        "has the unsupported type '%(kind)s'; supported are %(list)s, and source code, settings, logs "
        "and other plain text"
    ),
    _("is %(kind)s: text recognition (OCR) is not available, so no text can be read from it"),
    _(
        "is %(kind)s: send its files one by one; supported are %(list)s, and source code, settings, logs "
        "and other plain text"
    ),
    _(
        "is %(kind)s, which is not supported; supported are %(list)s, and source code, settings, logs "
        "and other plain text"
    ),
    _("is named as %(named)s but its content is %(kind)s"),
    _("contains NUL bytes, so it is not the text that %(named)s should be"),
    _("contains NUL bytes or other control characters, so it is not text"),
    _("is encrypted: save it without a password and send it again"),
    _("is encrypted: save it without a password or rights management"),
    _("has no text and probably is scanned: run text recognition (OCR) on it first"),
    _("has %(num)s pages, which is over the limit of %(most)s: split it"),
    _("has more pages than the limit of %(most)s: split it"),
    _("has more slides than the limit of %(most)s: split it"),
    _("has more sheets than the limit of %(most)s: split it"),
    _("contains more text than the limit of %(most)s characters: split it"),
    _("needs more memory to read than is allowed: split it"),
    _("the PDF ends before its end mark"),
    _("the PDF has no pages"),
    _("it cannot be read as PDF"),
    _("none of its pages can be read"),
    _("its zip container cannot be read to the end"),
    _("a part of its zip container cannot be unpacked"),
    _("it cannot be read to the end"),
    _("its main part is missing"),
    _("its XML cannot be read (%(detail)s)"),
    _("it is not valid JSON (%(detail)s)"),
    _("it contains no workbook"),
    _("the rtf ends before its last brace"),
    _("it takes more CPU time than a document may"),
    _("it takes more memory than a document may"),
    _("it took too long"),
    _("its reader crashed"),
    _("Page %(num)s has %(what)s"),
    _("Pages %(list)s have %(what)s"),
    _("%(num)s pages (%(list)s and others) have %(what)s"),
    _("no readable text: text recognition (OCR) is not available."),
    _("no text that can be read: the file is damaged there."),
    _("text that may be wrong: the fonts do not say which letters they show."),
    _("1 image has no readable text: text recognition (OCR) is not available."),
    _("%(num)s images have no readable text: text recognition (OCR) is not available."),
    _("1 character could not be read: the file does not say which letter it is."),
    _("%(num)s characters could not be read: the file does not say which letters they are."),
    _("1 character outside the visible page is left out."),
    _("%(num)s characters outside the visible page are left out."),
    _("1 character on a hidden layer is left out."),
    _("%(num)s characters on hidden layers are left out."),
    _("1 hidden field of the form was left out."),
    _("%(num)s hidden fields of the form were left out."),
    _("1 embedded file was not read: send it as a separate document."),
    _("%(num)s embedded files were not read: send them as separate documents."),
    _(
        "The form is an XFA form, built by the program that opens it: it is not read. Print it to a PDF "
        "and send that."
    ),
    _("A page has more characters than Lethe reads from one page: the rest of it is left out."),
    _("The document takes long to read: from page %(num)s on, columns and tables were read line by line."),
    _("The text is not UTF-8; it was read as %(kind)s."),
    _("1 byte of the text could not be read as %(kind)s: U+FFFD replaces it."),
    _("%(num)s bytes of the text could not be read as %(kind)s: U+FFFD replaces it."),
    _("There are %(num)s more such warnings."),
    _("The attachment '%(name)s' %(what)s."),
    _("(%(kind)s) is not read"),
    _("is not read: the e-mail's attachments are too many or too large"),
    _("A part of the e-mail is encrypted and is left out."),
    _("The e-mail ends before its last part: some of it may be missing."),
    _("1 %(what)s is left out: %(name)s."),
    _("%(num)s %(what)s are left out: %(name)s."),
    _("hidden sheet"),
    _("hidden sheets"),
    _("hidden slide"),
    _("hidden slides"),
    _("damaged part"),
    _("damaged parts"),
    _("piece of hidden text"),
    _("pieces of hidden text"),
    _("An internal error occurred at this document: see the server's log. Trying again may help."),
    _("A newer ingestion of the same artifact replaced this one."),
    _("The document was deleted while it was being ingested."),
    _("The ingestion was revoked."),
    _("The ingestion was overtaken."),
    _("%(num)s of %(most)s documents were not stored."),
    _("Too many requests: try again in %(num)s s."),
    _("Too many ingestions are waiting: try again in %(num)s s."),
    _("Too many searches are waiting: try again later."),
    _("Too many large requests are under way: try again in a moment."),
    _("Too many requests of your company are in progress: try again in a moment."),
    _("The token lacks the scope '%(name)s'."),
    _("There is no valid token with this id."),
    _("The token's name must have 1 to 200 printable characters."),
    _("A title must have 1 to %(num)s characters and must not be blank."),
    _("parent_id names a document; only folders can contain nodes."),
    _("parent_id names a folder on level %(num)s, the deepest: choose one above it."),
    _("The tree would exceed %(num)s levels: choose a folder nearer the root."),
    _("There is no folder with the id given as parent_id."),
    _(
        "The folder that contained it is deleted: restore that folder, or give another one as parent_id "
        "(--parent)."
    ),
    _("%(what)s To restore it, give another title (--title) or parent_id (--parent)."),
    _("%(what)s To restore it, give another parent_id (--parent)."),
    _("Only documents have metadata."),
    _("The name '%(name)s' occurs twice."),
    _("The metadata %(what)s."),
    _("must not contain '%(name)s', which the server sets"),
    _("must have at most %(num)s bytes as JSON"),
    _("must be nested at most %(num)s levels deep"),
    _("must not contain NUL characters"),
    _("There is no document with this id, or its file has not been read yet."),
    _("The document's file is missing, or is being replaced: try again."),
    _("Invalid cursor: use one from an earlier answer, or none."),
    _("The file has no name, or one that is too long."),
    _("The file arrives too slowly: send it again."),
    _("The file did not arrive whole: send it again."),
    _("The form did not arrive whole: send it again."),
    _("The form is too large."),
    _("A field is too long, or has characters that cannot be stored."),
    _("Invalid ids, or too many at once."),
    _("The database does not answer at the moment: try again."),
    _("The database failed; its log says why. Try again."),
    _("Another operation holds what this one needs: try again in a moment."),
    _("Another operation needed the same things at the same time: try again."),
    _("The database took too long for this: try again later, or ask for less at a time."),
    _("The database has no room left on its disk: try again later."),
    _("The database has no connection left: try again in a moment."),
    _("The server cannot work at the moment (%(detail)s): try again later."),
    _("'%(name)s' %(what)s."),
    _("is damaged: %(what)s"),
    _("1 %(what)s is left out."),
    _("%(num)s %(what)s are left out."),
)
"""The first match is taken. `what` is itself a sentence or a part of one; `num` and `most` are numbers."""


_MOST_CHARACTERS = 3_000
_MARKS = {"en": ",", "es": "."}
_AND = {"en": "and", "es": "y"}


def said(language: Language, sentence: str) -> str:
    """The sentence in a language; unchanged if a translation of it, or of a part of it, is missing."""
    if language.code == "en" or len(sentence) > _MOST_CHARACTERS:
        return sentence
    return _said(language, sentence) or sentence


def _said(language: Language, sentence: str) -> str | None:
    if sentence in language.texts:
        return language.gettext(sentence)
    for text, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            values = {name: _value(language, name, value) for name, value in found.groupdict().items()}
            if None not in values.values():
                return language.gettext(text) % values
    return None


def _value(language: Language, name: str, value: str) -> str | None:
    match name:
        case "what":
            return _said(language, value)
        case "num" | "most":
            return value.replace(",", _MARKS[language.code])
        case "list":
            return value.replace(" and ", f" {_AND[language.code]} ")
    return value


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each sentence with values in it, and a pattern that recognises it."""
    return [(text, re.compile(_pattern(text), re.DOTALL)) for text in SENTENCES if "%(" in text]


def _pattern(text: str) -> str:
    parts = re.split(r"%\((\w+)\)s", text)
    shapes = {"num": r"[\d,]+", "most": r"[\d,]+"}
    made = [
        re.escape(part) if i % 2 == 0 else f"(?P<{part}>{shapes.get(part, '.+?')})"
        for i, part in enumerate(parts)
    ]
    return "".join(made)
