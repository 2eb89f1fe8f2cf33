"""E-mails as programs write them, right and wrong: what a person sees of them is read, and nothing lost in silence."""

import base64
import quopri
import random
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.adapters.parsers import parse
from lethe.domain.document import ParsedFile
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from tests.unit.parsers import samples
from tests.unit.parsers.made.mails import HEAD, attached, inner, joined, mail, multipart, part

GERMAN = "Grüße aus Köln, sagt Jürgen"
CYRILLIC = "Привет, мир: это письмо"
PLAIN, PAGE = "text/plain; charset=utf-8", "text/html; charset=utf-8"


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


def encoded(text: str, charset: str, codec: str) -> bytes:
    return mail(
        text.encode(codec), f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit"
    )


CHARSETS = {
    "unknown": (encoded("Plain ascii words.", "x-unknown", "ascii"), "Plain ascii words."),
    "unknown with letters": (encoded(GERMAN, "x-unknown", "utf-8"), GERMAN),
    "visual Hebrew": (encoded("שלום עולם", "iso-8859-8-i", "iso8859-8"), "שלום עולם"),
    "cp-850": (encoded(GERMAN, "cp-850", "cp850"), GERMAN),
    "utf-8 called ascii": (encoded(GERMAN, "us-ascii", "utf-8"), GERMAN),
    "utf-8 called latin": (encoded(GERMAN, "iso-8859-1", "utf-8"), GERMAN),
    "windows called latin": (encoded("“10 €” – ok", "iso-8859-1", "cp1252"), "“10 €” – ok"),
    "latin called utf-8": (encoded(GERMAN, "utf-8", "cp1252"), GERMAN),
    "none": (mail(GERMAN), GERMAN),
    "utf-7": (encoded(GERMAN, "utf-7", "utf-7"), GERMAN),
    "gbk called gb2312": (encoded("繁體 镕基", "gb2312", "gbk"), "繁體 镕基"),
    "Korean": (encoded("안녕하세요 똠방각하", "ks_c_5601-1987", "cp949"), "안녕하세요 똠방각하"),
    "Japanese": (encoded("日本語の文", "x-sjis", "cp932"), "日本語の文"),
    "iso-2022-jp": (encoded("日本語の文", "ISO-2022-JP", "iso2022_jp"), "日本語の文"),
    "koi8-r": (encoded(CYRILLIC, '"koi8-r"', "koi8-r"), CYRILLIC),
    "in quotes that do not end": (encoded(CYRILLIC, '"windows-1251', "cp1251"), CYRILLIC),
    "utf-8 in another spelling": (encoded(GERMAN, "UTF8", "utf-8"), GERMAN),
    "a codec that is no charset": (encoded("Plain words.", "base64", "ascii"), "Plain words."),
    "one spoilt byte": (
        mail(GERMAN.encode() * 300 + b"\xff", "Content-Type: text/plain; charset=utf-8"),
        GERMAN,
    ),
    "of a page, in the page": (
        mail(f'<meta charset="windows-1251"><p>{CYRILLIC}</p>'.encode("cp1251"), "Content-Type: text/html"),
        CYRILLIC,
    ),
    "of a page, in the header": (
        mail(
            f'<meta charset="koi8-r"><p>{CYRILLIC}</p>'.encode("cp1251"),
            "Content-Type: text/html; charset=windows-1251",
        ),
        CYRILLIC,
    ),
}


@pytest.mark.parametrize("case", CHARSETS)
def test_a_body_is_read_in_its_charset_whatever_it_is_called(case: str) -> None:
    data, text = CHARSETS[case]
    assert text in read(data).markdown


HEADERS = {
    "base64": ("=?utf-8?b?RGV2b2x1Y2nDs24=?=", "Devolución"),
    "quoted": ("=?iso-8859-1?q?Devoluci=F3n_del_pedido?=", "Devolución del pedido"),
    "two words, cut within a letter": ("=?utf-8?b?RGV2b2x1Y2nD?=\n =?utf-8?b?s24=?=", "Devolución"),
    "a word beside plain text": ("Re: =?utf-8?q?caf=C3=A9?= today", "Re: café today"),
    "a space in a quoted word": ("=?utf-8?q?caf=C3=A9 hoy?=", "café hoy"),
    "no padding": ("=?utf-8?b?RGV2b2x1Y2nDs24?=", "Devolución"),
    "an unknown charset": ("=?x-none?q?caf=C3=A9?=", "café"),
    "gbk as gb2312": (f"=?gb2312?B?{base64.b64encode('镕基'.encode('gbk')).decode()}?=", "镕基"),
    "a language": ("=?utf-8*es?q?caf=C3=A9?=", "café"),
    "in quotes": ('"=?utf-8?q?caf=C3=A9?="', '"café"'),
    "folded": ("one\n two\n\tthree", "one two three"),
    "no word after all": ("=?utf-8?q?never ends", "=?utf-8?q?never ends"),
    "bare utf-8": ("café", "café"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_is_shown_as_it_was_meant(case: str) -> None:
    written, shown = HEADERS[case]
    parsed = read(f"From: a@b.example\nSubject: {written}\n\nBody words.".encode())
    assert f"**Subject**: {shown}\n" in parsed.markdown
    assert parsed.title == shown
    assert "Body words." in parsed.markdown


def test_a_header_in_bare_latin_letters_is_read() -> None:
    assert "**Subject**: Grüße" in read("From: a@b.c\nSubject: Grüße\n\nBody.".encode("cp1252")).markdown


def test_headers_that_a_person_sees_stand_first() -> None:
    head = HEAD + "Cc: Eva <eva@b.example>\nReply-To: desk@b.example\nX-Spam: secret\n"
    parsed = read(mail(head=head))
    assert parsed.markdown.startswith("**From**: Nora <nora@alborada.example>\n")
    assert "**Reply-To**: desk@b.example" in parsed.markdown
    assert "**Cc**: Eva <eva@b.example>" in parsed.markdown
    assert "**Date**: Mon, 2 Nov 2026 10:00:00 +0100" in parsed.markdown
    assert "secret" not in parsed.markdown


FRAMES = {
    "a line end before": b"\n" + mail(),
    "line ends before": b"\r\n\r\n" + mail(),
    "a byte order mark before": b"\xef\xbb\xbf" + mail(),
    "a mailbox's line before": b"From nora@alborada.example Mon Nov  2 10:00:00 2026\n" + mail(),
    "CR LF": mail().replace(b"\n", b"\r\n"),
    "CR alone": mail().replace(b"\n", b"\r"),
    "no empty line": HEAD.encode() + b"Body words.\nmore",
    "no From": b"Subject: x\n\nBody words.",
    "a header without a name": HEAD.encode() + b": what\n\nBody words.",
    "in UTF-16": mail().decode().encode("utf-16"),
    "a content type that is none": mail(fields="Content-Type: ;;=/x; charset\n"),
    "an empty content type": mail(fields="Content-Type: \n"),
    "an unknown transfer encoding": mail(fields="Content-Transfer-Encoding: x-funny\n"),
    "quoted printable": mail("Body =\nwo=72ds.", "Content-Transfer-Encoding: Quoted-Printable"),
    "broken quoted printable": mail("Body words. =ZZ =4", "Content-Transfer-Encoding: quoted-printable"),
    "base64": mail(base64.b64encode(b"Body words."), "Content-Transfer-Encoding: BASE64 "),
    "base64 without padding": mail(b"Qm9keSB3b3Jkcy4", "Content-Transfer-Encoding: base64"),
    "base64 in pieces": mail(
        base64.b64encode(b"Body ") + b"\n" + base64.b64encode(b"words."), "Content-Transfer-Encoding: base64"
    ),
    "plain called base64": mail("Body words.", "Content-Transfer-Encoding: base64"),
    "uuencoded": mail("begin 644 x\n+0F]D>2!W;W)D<RX \n`\nend\n", "Content-Transfer-Encoding: x-uuencode"),
    "html only": mail("<p>Body&nbsp;<b></b>words.</p>", "Content-Type: text/html"),
    "enriched": mail("<bold></bold>Body\nwords.<nl>", "Content-Type: text/enriched"),
    "an unknown text": mail("Body words.", "Content-Type: text/x-web-intelligent"),
    "flowed": mail("Body \nwords.\n", "Content-Type: text/plain; format=flowed"),
    "flowed, with the space out": mail(
        "Bo \ndy words.\n", "Content-Type: text/plain; format=flowed; delsp=yes"
    ),
    "rfc 2231": mail("Body words.", "Content-Type: text/plain; charset*=us-ascii''utf-8"),
    "signed in line": mail(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nBody words.\n-----BEGIN PGP SIGNATURE-----\n\nabc\n"
        "-----END PGP SIGNATURE-----\n"
    ),
    "a multipart in base64": mail(
        base64.encodebytes(joined(part(PLAIN, "Body words."))),
        'Content-Type: multipart/mixed; boundary="B"\nContent-Transfer-Encoding: base64',
    ),
}


@pytest.mark.parametrize("case", FRAMES)
def test_a_mail_of_odd_form_is_read(case: str) -> None:
    assert "Body words." in read(FRAMES[case]).markdown


def test_a_mail_of_headers_alone_is_read() -> None:
    assert (
        read(b"From: a@b.example\nSubject: Only this").markdown
        == "**From**: a@b.example\n\n**Subject**: Only this\n"
    )


ALTERNATIVES = {
    "plain": (
        [part(PLAIN, "The plain words."), part(PAGE, "<p>The <b>plain</b> words.</p>")],
        "The plain words.",
    ),
    "empty plain": (
        [part(PLAIN, " \n"), part(PAGE, "<p>Your payment of 40 euros failed.</p>")],
        "Your payment of 40 euros failed.",
    ),
    "a stub": (
        [
            part(PLAIN, "Please open in a browser."),
            part(PAGE, "<p>" + "Many words that are new here. " * 5 + "</p>"),
        ],
        "Many words that are new",
    ),
    "empty page": ([part(PLAIN, "The plain words."), part(PAGE, "<html></html>")], "The plain words."),
    "page only": ([part(PAGE, "<p>The page.</p>")], "The page."),
    "page with images": (
        [
            part(PLAIN, ""),
            inner(
                "related", part(PAGE, "<p>The page.</p>"), attached("a.png", "image/png", b"x"), boundary="C"
            ),
        ],
        "The page.",
    ),
    "only a text of another kind": ([part("text/markdown", "# The text")], "# The text"),
}


@pytest.mark.parametrize("case", ALTERNATIVES)
def test_of_alternatives_the_one_with_the_text_is_read_once(case: str) -> None:
    parts, text = ALTERNATIVES[case]
    markdown = read(multipart("alternative", *parts)).markdown
    assert markdown.count(text) >= 1
    assert markdown.count("plain") <= 1


def test_files_among_alternatives_are_kept() -> None:
    rich = inner(
        "mixed",
        part(PAGE, "<p>Hello words.</p>"),
        attached("fees.csv", "text/csv", b"a,b\n1,2\n"),
        boundary="C",
    )
    markdown = read(multipart("alternative", part(PLAIN, "Hello words."), rich)).markdown
    assert markdown.count("Hello words.") == 1
    assert "## fees.csv\n\n| a | b |" in markdown


NESTED = mail("The budget is agreed.", head="From: c@example.org\nSubject: Budget\n")


def test_text_before_and_after_a_picture_is_read() -> None:
    parsed = read(
        multipart(
            "mixed",
            part(PLAIN, "Before."),
            part('image/png; name="p.png"', b"x", "Content-Disposition: inline"),
            part(PLAIN, "After: at nine."),
        )
    )
    assert "Before.\n\nAfter: at nine." in parsed.markdown
    assert "- p.png" in parsed.markdown
    assert any("'p.png'" in said for said in parsed.warnings)


@pytest.mark.parametrize(
    "forwarded",
    [
        part("message/rfc822", NESTED),
        part("message/rfc822", NESTED, 'Content-Disposition: attachment; filename="Budget.eml"'),
        part("message/rfc822", base64.encodebytes(NESTED), "Content-Transfer-Encoding: base64"),
        part("message/rfc822", quopri.encodestring(NESTED), "Content-Transfer-Encoding: quoted-printable"),
        attached("Budget.eml", "application/octet-stream", NESTED),
    ],
)
def test_a_forwarded_message_is_read_under_its_subject(forwarded: bytes) -> None:
    parsed = read(multipart("mixed", part(PLAIN, "See below."), forwarded))
    assert "See below.\n\n## Budget\n\n**From**: c@example.org\n\nThe budget is agreed.\n" in parsed.markdown
    assert [place.name for place in parsed.places] == ["Notice", "Budget"]
    assert parsed.title == "Notice"
    assert not parsed.warnings


def test_all_messages_of_a_digest_are_read() -> None:
    first, second = b"Subject: One\n\nFirst text.\n", b"Subject: Two\n\nSecond text.\n"
    markdown = read(multipart("digest", b"\n" + first, part("message/rfc822", second))).markdown
    for text in ("## One", "First text.", "## Two", "Second text."):
        assert text in markdown


def test_all_messages_of_a_mailbox_are_read() -> None:
    one = b"From a@b.example Mon Nov  2 10:00:00 2026\nFrom: a@b.example\nSubject: One\n\nFirst text.\nFrom here on.\n\n"
    two = b"From a@b.example Mon Nov  2 11:00:00 2026\nFrom: a@b.example\nSubject: Two\n\nSecond text.\n"
    parsed = read(one + two)
    assert "First text.\nFrom here on." in parsed.markdown
    assert "## Two" in parsed.markdown
    assert "Second text." in parsed.markdown
    assert [place.number for place in parsed.places] == [1, 2]


def test_a_report_of_delivery_is_read_with_its_fields_and_the_message() -> None:
    status = b"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
    markdown = read(
        multipart(
            "report",
            part(PLAIN, "Not delivered."),
            part("message/delivery-status", status),
            part("text/rfc822-headers", "Subject: Lost\n"),
        )
    ).markdown
    for text in (
        "Not delivered.",
        "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1",
        "**Subject**: Lost",
    ):
        assert text in markdown


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


def test_an_invitation_is_read_once() -> None:
    ics = attached("invite.ics", "application/ics", INVITATION.encode())
    markdown = read(
        multipart(
            "mixed",
            inner(
                "alternative",
                part(PLAIN, "You are invited."),
                part("text/calendar", INVITATION),
                boundary="C",
            ),
            ics,
        )
    ).markdown
    for line in (
        "Summary: Stand-up, weekly\nStart: 2026-11-02 09:30 Europe/Madrid\nEnd: 2026-11-02 09:00 UTC\nLocation: Room 4\n",
        "Organizer: Ruiz; Nora <nora@b.example>",
        "Attendee: Luis <luis@b.example>",
        "Description: Bring numbers",
    ):
        assert markdown.count(line) == 1
    assert "1970" not in markdown


def test_a_card_is_read() -> None:
    card = "BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen Ko=\nhl\nitem1.TEL;TYPE=WORK:+49 221\nEND:VCARD\n"
    markdown = read(multipart("mixed", part(PLAIN, "Hi."), part("text/x-vcard; name=j.vcf", card))).markdown
    assert "Name: Jürgen Kohl\nTelephone: +49 221" in markdown


def test_an_attachment_of_a_type_that_is_read_is_read_under_its_name() -> None:
    every = samples.every_type()
    parsed = read(
        multipart(
            "mixed",
            part(PLAIN, "See the files."),
            attached("Policy.docx", "application/octet-stream", every["docx"]),
            attached("Fees.xlsx", "application/octet-stream", every["xlsx"]),
            attached("policy.pdf", "application/pdf", every["pdf"]),
            part(
                'text/plain; charset="iso-8859-1"',
                "Señal",
                'Content-Disposition: attachment; filename="n.txt"',
            ),
            attached("data", "application/json", b'{"k": "v"}'),
        )
    )
    for text in (
        "## Policy.docx\n",
        "quince días",
        "## Fees.xlsx\n",
        "| Sofa | 49 |",
        "## n.txt\n\nSeñal",
        "## policy.pdf\n",
        "## data\n",
    ):
        assert text in parsed.markdown
    assert [place.name for place in parsed.places] == [
        "Notice",
        "Policy.docx",
        "Fees.xlsx",
        "policy.pdf",
        "n.txt",
        "data",
    ]


NAMES = {
    'filename="=?utf-8?q?a=C3=B1o.bin?="': "año.bin",
    "filename*=utf-8''a%C3%B1o.bin": "año.bin",
    "filename*0*=utf-8''a%C3; filename*1*=%B1o.bin": "año.bin",
    'filename="C:\\\\Users\\\\x\\\\y.bin"': "y.bin",
    'filename="../../etc/passwd.bin"': "passwd.bin",
    "filename*=x-none''a%F1o.bin": ".bin",
    "filename=a b.bin": "a b.bin",
}


@pytest.mark.parametrize("written", NAMES)
def test_an_attachment_that_is_not_read_is_named(written: str) -> None:
    parsed = read(
        multipart(
            "mixed",
            part(PLAIN, "Hi."),
            part("application/x-thing", "data", f"Content-Disposition: attachment; {written}"),
        )
    )
    assert "**Attachments**:\n\n- " in parsed.markdown
    assert NAMES[written] in parsed.markdown
    assert any(NAMES[written] in said for said in parsed.warnings)


LEFT_OUT = {
    "a damaged file": (attached("f.docx", "application/octet-stream", b"PK\x03\x04zzz"), "f.docx"),
    "Outlook's own format": (attached("winmail.dat", "application/ms-tnef", b"x"), "winmail.dat"),
    "an archive": (attached("all.zip", "application/zip", b"x"), "all.zip"),
    "an empty file": (attached("e.txt", "text/plain", b""), "e.txt"),
    "an encrypted part": (
        part("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "abc"),
        "encrypted",
    ),
    "an encrypted message": (
        inner("encrypted", part("application/pgp-encrypted", "Version: 1"), boundary="C"),
        "encrypted",
    ),
    "an encrypted text": (
        part(PLAIN, "-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"),
        "encrypted",
    ),
    "a file elsewhere": (
        part(
            'message/external-body; access-type=ftp; name="far.ps"',
            "Content-Type: application/postscript\n\n",
        ),
        "far.ps",
    ),
    "a file in letters": (part(PLAIN, "x\nbegin 644 cat.gif\n#0V%T\n`\nend\n"), "cat.gif"),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_is_left_out_is_told_by_one_warning(case: str) -> None:
    left_out, told = LEFT_OUT[case]
    parsed = read(multipart("mixed", part(PLAIN, "Body words."), left_out))
    assert "Body words." in parsed.markdown
    assert len(parsed.warnings) == 1
    assert told in parsed.warnings[0]


@pytest.mark.parametrize(
    "data",
    [
        mail(),
        multipart("signed", part(PLAIN, "Body words."), part("application/pgp-signature; name=s.asc", "abc")),
        multipart(
            "related",
            part(PAGE, '<p>Body words.<img src="cid:a" alt=""></p>'),
            attached("a.png", "image/png", b"x"),
        ),
    ],
)
def test_nothing_is_told_of_a_mail_that_was_read_whole(data: bytes) -> None:
    assert read(data).warnings == ()


BROKEN = {
    "no last boundary": multipart("mixed", part(PLAIN, "Body words."), part(PLAIN, "And more.")).removesuffix(
        b"--B--\n"
    ),
    "another boundary": mail(
        joined(part(PLAIN, "Body words."), part(PLAIN, "And more."), boundary="C"),
        "Content-Type: multipart/mixed; boundary=B",
    ),
    "no boundary told": mail(
        joined(part(PLAIN, "Body words."), part(PLAIN, "And more.")), "Content-Type: multipart/mixed"
    ),
    "no content type": mail(
        b"This is a message in MIME format.\n" + joined(part(PLAIN, "Body words."), part(PLAIN, "And more."))
    ),
    "no parts at all": mail("Body words. And more.", "Content-Type: multipart/mixed; boundary=B"),
    "parts without fields": multipart("mixed", b"\nBody words.", b"\nAnd more."),
    "an inner one that does not end": multipart(
        "mixed",
        part("multipart/alternative; boundary=C", b"--C\n" + part(PLAIN, "Body words.")),
        part(PLAIN, "And more."),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_mail_whose_parts_are_not_as_it_says_is_read(case: str) -> None:
    markdown = read(BROKEN[case]).markdown
    assert "Body words." in markdown
    assert "And more." in markdown
    assert "Content-Type" not in markdown


def test_a_mail_that_was_cut_is_read_with_a_warning() -> None:
    parsed = read(samples.EMAIL[: int(len(samples.EMAIL) * 0.8)])
    assert "quince días" in parsed.markdown
    assert any("ends before its last part" in said for said in parsed.warnings)


def test_quotes_of_flowed_text_stay_quotes() -> None:
    markdown = read(
        mail(
            "> one \n> two\n>> three\nanswer \ngoes on\n-- \nNora\n",
            "Content-Type: text/plain; format=flowed",
        )
    ).markdown
    assert "> one two\n>> three\nanswer goes on\n" in markdown


@pytest.mark.parametrize("levels", [50, 5000])
def test_messages_within_messages_are_read_or_refused(levels: int) -> None:
    data = b"Subject: x\nContent-Type: message/rfc822\n\n" * levels + b"Subject: x\n\nDeepest words."
    if levels < 200:
        assert "Deepest words." in read(data).markdown
    else:
        with pytest.raises(InputRejected, match="more than 200 nested parts"):
            read(data)


@pytest.mark.parametrize(
    "data",
    [
        mail(fields="Content-Type: text/plain" + ';"' * 5_000_000),
        mail("--B\n" * 500_000, "Content-Type: multipart/mixed; boundary=B"),
        b"Subject: " + b"=?utf-8?q?" * 300_000 + b"\n\nx",
        b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\nx",
        mail("begin 644 x\n" * 200_000),
        mail("-----BEGIN PGP MESSAGE-----\n" * 100_000),
        mail("> " * 2_000_000, "Content-Type: text/plain; format=flowed"),
        mail("BEGIN:VEVENT\nSUMMARY" + ';a="' * 500_000, "Content-Type: text/calendar"),
        mail("<" * 2_000_000, "Content-Type: text/enriched"),
        b"From a@b 10:00\n" * 100_000 + mail(),
    ],
    ids=range(10),
)
def test_a_hostile_mail_takes_no_long_time(data: bytes) -> None:
    start = time.process_time()
    assert read_or_refused(data)
    assert time.process_time() - start < 8


WORDS = st.lists(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12), min_size=1, max_size=30
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    bodies=st.lists(WORDS, min_size=1, max_size=4),
    code=st.sampled_from(["base64", "quoted-printable", "8bit"]),
    page=st.booleans(),
)
def test_words_of_all_parts_come_out_in_order(bodies: list[list[str]], code: str, page: bool) -> None:
    parts = []
    for words in bodies:
        text = " ".join(words).encode()
        text = b"<p>" + text + b"</p>" if page else text
        packed = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(code, bytes)(
            text
        )
        parts.append(part(PAGE if page else PLAIN, packed, f"Content-Transfer-Encoding: {code}"))
    found = iter(read(multipart("mixed", *parts, boundary="=_bound")).markdown.split())
    assert all(word in found for words in bodies for word in words)


def test_a_mutated_mail_is_read_or_refused() -> None:
    seeds = random.Random(11)
    whole = [
        samples.EMAIL,
        multipart("alternative", part(PLAIN, "a b"), inner("related", part(PAGE, "<p>x"), boundary="C")),
        multipart(
            "mixed",
            part("message/rfc822", NESTED),
            part("text/calendar", INVITATION),
            attached("a.csv", "text/csv", b"a,b\n"),
        ),
    ]
    for _ in range(250):
        data = bytearray(seeds.choice(whole))
        for _ in range(seeds.randint(1, 12)):
            at = seeds.randrange(len(data))
            kind = seeds.randrange(4)
            if kind == 0:
                data[at] = seeds.randrange(256)
            elif kind == 1:
                del data[at : at + seeds.randint(1, 30)]
            elif kind == 2:
                data[at:at] = seeds.choice(
                    [b"\n", b"\n\n", b"--B", b"=", b'"', b"boundary=", b"\x00", b"Content-Type: text/html\n"]
                )
            else:
                other = seeds.randrange(len(data))
                data[at:at] = data[other : other + 40]
        assert read_or_refused(bytes(data)).strip()


ARCHIVE = (
    b"From: <Saved by a browser>\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n"
    + joined(
        part(
            PAGE,
            "<title>T</title><h1>Kept</h1><p>Words =E2=82=AC</p>",
            "Content-Transfer-Encoding: quoted-printable",
        ),
        part(PAGE, "<p>of a frame</p>"),
        attached("a.png", "image/png", b"x"),
    )
)


@pytest.mark.parametrize("name", ["a.mht", "a.mhtml"])
def test_a_page_that_is_kept_as_a_mail_is_read_as_a_page(name: str, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(ARCHIVE)
    parsed = parse(tmp_path / "upload", name, Limits())
    assert (parsed.file_type, parsed.title, parsed.markdown) == ("mht", "T", "# Kept\n\nWords €\n")


def test_an_archive_without_a_page_is_refused(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(mail())
    with pytest.raises(InputRejected, match="holds no page"):
        parse(tmp_path / "upload", "a.mht", Limits())
