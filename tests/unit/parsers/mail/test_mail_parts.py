"""What e-mails hold besides their text: forwarded messages, invitations, attachments, and what is left out."""

import base64
import quopri

import pytest

from tests.unit.parsers import samples
from tests.unit.parsers.made.mails import attached, inner, mail, multipart, part
from tests.unit.parsers.mail.reading import INVITATION, NESTED, PAGE, PLAIN, read


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


def test_an_event_says_how_long_it_takes() -> None:
    event = "BEGIN:VEVENT\nSUMMARY:Review\nDTSTART:20261102\nDURATION:PT1H\nEND:VEVENT\n"
    assert "Duration: PT1H" in read(mail(event, "Content-Type: text/calendar")).markdown


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
