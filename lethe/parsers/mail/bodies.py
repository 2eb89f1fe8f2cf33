"""Plain text bodies, as a mail program shows them."""

import re
from typing import NamedTuple

from lethe.parsers.mail.decoding import uudecoded

_UUENCODED = re.compile(
    r"^begin [0-7]{3,4} ([^\n]{1,200})\n((?:[ -`]{1,90}\n)*)`?\n?end[ \t]*$", re.MULTILINE
)
_SIGNED = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[\w-]{1,40}:[^\n]*\n){0,20}\n?", re.MULTILINE)
_SIGNATURE = re.compile(
    r"^-----BEGIN PGP SIGNATURE-----\n.*?(?:^-----END PGP SIGNATURE-----$|\Z)", re.MULTILINE | re.DOTALL
)
_ENCRYPTED = re.compile(
    r"^-----BEGIN PGP MESSAGE-----\n.*?(?:^-----END PGP MESSAGE-----$|\Z)", re.MULTILINE | re.DOTALL
)
_ENRICHED = re.compile(r"<(/?)([A-Za-z][\w-]{0,60})>")


class Body(NamedTuple):
    """A plain text body, the uuencoded files in it, and whether parts of it are encrypted."""

    text: str
    files: list[tuple[str, bytes]]
    encrypted: bool


def plain_body(text: str) -> Body:
    """The body without signatures, uuencoded files and encrypted blocks."""
    files: list[tuple[str, bytes]] = []
    if "\nbegin " in f"\n{text}":
        files = [
            (match[1].strip(), uudecoded(match[2].encode("ascii", "replace")))
            for match in _UUENCODED.finditer(text)
        ]
        text = _UUENCODED.sub("", text)
    encrypted = False
    if "-----BEGIN PGP" in text:
        text = _SIGNATURE.sub("", _SIGNED.sub("", text))
        text, locked = _ENCRYPTED.subn("", text)
        encrypted = bool(locked)
    return Body(text, files, encrypted)


def unflowed(text: str, *, delete_space: bool) -> str:
    """`format=flowed` (RFC 3676): a line that ends with a space continues in the next line of the same quote level."""
    lines: list[list[str]] = []
    flows, before = False, ""
    for line in text.split("\n"):
        rest = line.lstrip("> ") if line.startswith(">") else line.removeprefix(" ")
        quotes = line[: len(line) - len(rest)].replace(" ", "")
        if flows and quotes == before:
            lines[-1].append(rest)
        else:
            lines.append([f"{quotes} {rest}" if quotes else rest])
        before, flows = quotes, rest.endswith(" ") and rest != "-- "
        if flows and delete_space:
            lines[-1][-1] = lines[-1][-1][:-1]
    return "\n".join(map("".join, lines))


def enriched(text: str) -> str:
    """text/enriched and text/richtext without their markup."""
    text = re.sub(r"(?is)<param>.{0,200}?</param>", "", text)
    text = re.sub(r"\n(\n+)|\n", lambda match: match[1] or " ", text)
    text = re.sub(r"(?i)<(?:nl|np)>|</?paragraph>", "\n", text)
    return _ENRICHED.sub("", text.replace("<lt>", "\x01")).replace("<<", "<").replace("\x01", "<")
