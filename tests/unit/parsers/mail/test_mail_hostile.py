"""E-mails that are broken, nested, heavy or spoilt, and pages kept as e-mails."""

import base64
import quopri
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.parsers import parse
from tests.unit.parsers import samples
from tests.unit.parsers.made.mails import attached, inner, joined, mail, multipart, part
from tests.unit.parsers.mail.reading import INVITATION, NESTED, PAGE, PLAIN, read, read_or_refused

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
    assert time.process_time() - start < 60


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
    with pytest.raises(InputRejected, match="contains no page"):
        parse(tmp_path / "upload", "a.mht", Limits())
