"""E-mails as programs write them: headers and bodies are read as they were meant."""

import base64

import pytest

from tests.unit.parsers.made.mails import HEAD, attached, inner, joined, mail, multipart, part
from tests.unit.parsers.mail.reading import PAGE, PLAIN, read

GERMAN = "Grüße aus Köln, sagt Jürgen"
CYRILLIC = "Привет, мир: это письмо"


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
    "iso-2022-jp with signs of Windows": (
        mail(
            b'\x1b$B-!-j$"\x1b(B A\x1b(I1\x1b(B\n\x1b$BF|K\\\x1b(J.',
            "Content-Type: text/plain; charset=iso-2022-jp",
        ),
        "①㈱あ Aｱ\n日本.",
    ),
    "koi8-r": (encoded(CYRILLIC, '"koi8-r"', "koi8-r"), CYRILLIC),
    "in quotes that do not end": (encoded(CYRILLIC, '"windows-1251', "cp1251"), CYRILLIC),
    "utf-8 in another spelling": (encoded(GERMAN, "UTF8", "utf-8"), GERMAN),
    "a charset of bytes outside ASCII": (
        b"Subject: Words\nContent-Type: text/plain; charset=\xffutf-8\n\nGr\xc3\xbc\xc3\x9fe\n",
        "Grüße",
    ),
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
    "base64 with text of a mailing list below": mail(
        base64.b64encode(b"Body words.") + b"\n\n_______________\nlist@example.org\n",
        "Content-Transfer-Encoding: base64",
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
    "a plain text without the table": (
        [
            part(PLAIN, "Thank you for your order. " * 30),
            part(
                PAGE,
                "<p>"
                + "Thank you for your order. " * 30
                + "</p><table><tr><td>Lamp No. 4711<td>red<td>49.90 EUR"
                "<tr><td>Sofa No. 4712<td>green<td>199.90 EUR<tr><td>Shipping<td>by train<td>9.90 EUR</table>",
            ),
        ],
        "| Lamp No. 4711 | red | 49.90 EUR |",
    ),
    "a page with another address below": (
        [
            part(PLAIN, "Thank you, this is what we have to say. " * 30 + "https://x.example/a/b/c/d/e/f/g"),
            part(
                PAGE,
                "<p>" + "Thank you, this is what we have to <b>say</b>. " * 30 + "</p><p>Unsubscribe here",
            ),
        ],
        "https://x.example/a/b/c/d/e/f/g",
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


def test_the_alternative_that_is_not_read_is_not_reported() -> None:
    page = part("text/html", "<p>Grüße aus Köln</p>".encode("cp1252"))
    parsed = read(multipart("alternative", part(PLAIN, "Greetings from Cologne"), page))
    assert "Greetings from Cologne" in parsed.markdown
    assert parsed.warnings == ()


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


def test_quotes_of_flowed_text_stay_quotes() -> None:
    markdown = read(
        mail(
            "> one \n> two\n>> three\nanswer \ngoes on\n-- \nNora\n",
            "Content-Type: text/plain; format=flowed",
        )
    ).markdown
    assert "> one two\n>> three\nanswer goes on\n" in markdown
