"""Plain text in any encoding: what was written is what is read, and a warning tells what was not."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from lethe.parsers.text import clean, decode
from tests.unit.parsers.made.languages import encoded

SHORT = [
    ("cp1252", "Price: 20 €"),
    ("cp1252", "It’s a lovely day – don’t you think?"),
    ("cp1252", "Visit our Café in Zürich"),
    ("cp1252", "id;nombre\n1;Peña\n2;Muñoz\n"),
    ("cp1252", "“Quoted” text and an ellipsis…"),
    ("cp1252", "a naïve approach"),
    ("cp1252", "Nº 5, 3ª planta"),
    ("cp1252", "word " * 20_000 + "– a dash far behind"),
    ("mac_roman", "El niño está aquí, ¿no?"),
    ("cp850", "Größere Straßen werden im März geräumt."),
    ("cp437", "Où se trouve la clé de l'entrée ?"),
    ("cp1250", "Zażółć gęślą jaźń. Święto w Łodzi."),
    ("iso8859_2", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
    ("cp1251", "iPhone 15 Pro, чёрный, 256 ГБ"),
    ("cp866", "Накладная № 5"),
    ("koi8_r", "Привет, мир. Это короткий текст о погоде."),
    ("cp1253", "Όνομα;Πόλη\nΝίκος;Πάτρα\n"),
    ("cp1254", "İstanbul’da güneşli bir gün, şehir çok kalabalık."),
    ("cp1255", "שלום לכולם, איפה נמצאת התחנה?"),
    ("cp1256", "أين تقع المحطة من فضلك؟"),
    ("cp932", "名前,年齢\n髙橋淳,35\nカタカナとひらがな\n"),
    ("euc_jp", "こんにちは、駅はどこですか。"),
    ("iso2022_jp", "こんにちは、駅はどこですか。"),
    ("gb18030", "姓名,城市\n王伟,上海\n"),
    ("big5", "姓名,城市\n王小明,高雄\n"),
    ("cp949", "이름,도시\n김철수,부산\n"),
]


def read(directory: Path, data: bytes, name: str = "a.txt") -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, name, Limits())


@pytest.mark.parametrize(("language", "encoding", "data"), encoded())
def test_a_text_in_an_old_encoding_is_read_as_it_was_written(
    language: str, encoding: str, data: bytes, tmp_path: Path
) -> None:
    parsed = read(tmp_path, data)
    assert parsed.markdown == data.decode(encoding)
    assert parsed.warnings[0].startswith("The text is not UTF-8; it was read as ")


@pytest.mark.parametrize(("encoding", "text"), SHORT, ids=[f"{row[0]}-{row[1][:20]}" for row in SHORT])
def test_a_short_text_in_an_old_encoding_is_read_as_it_was_written(
    encoding: str, text: str, tmp_path: Path
) -> None:
    assert read(tmp_path, text.encode(encoding)).markdown == text


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "Señal: 5 € 🚀".encode(),
        "Señal: 5 € 🚀".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Señal: 5 € 🚀".encode("utf-16-be"),
        "Señal: 5 € 🚀".encode("utf-32"),
        codecs.BOM_UTF32_BE + "Señal: 5 € 🚀".encode("utf-32-be"),
        "Señal: 5 € 🚀".encode("utf-16-le"),
        "Señal: 5 € 🚀".encode("utf-16-be"),
        "Señal: 5 € 🚀".encode("utf-32-le"),
        "Señal: 5 € 🚀".encode("utf-32-be"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.log", "README"])
def test_unicode_is_read_in_each_of_its_forms(data: bytes, name: str, tmp_path: Path) -> None:
    assert "Señal: 5 € 🚀" in read(tmp_path, data, name).markdown


@pytest.mark.parametrize(
    "text",
    [
        "Привет, мир. Это короткий текст о погоде и дорогах.\n",
        "日本語の文章です。一つの長い文で、漢字とかなが混ざっています。\n",
        "这是一个简体中文的句子，包含一些常用的汉字。\n合同编号：12345。\n",
        "이것은 한국어 문장입니다. 가장 짧은 글.\n",
        "นี่คือข้อความภาษาไทย\n",
        "हिन्दी में लिखा हुआ पाठ है यह\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_spaces_where_no_letter_is_latin(
    text: str, encoding: str, tmp_path: Path
) -> None:
    assert read(tmp_path, text.encode(encoding)).markdown == text


@pytest.mark.parametrize(
    ("spoilt", "unread"),
    [(b"\xff", "1 byte"), (b"\xff\xfe\xfd", "3 bytes"), (b"\xe2\x82", "2 bytes"), (b"caf\xe9 ", "1 byte")],
)
def test_a_spoilt_byte_does_not_spoil_a_text_in_utf8(spoilt: bytes, unread: str, tmp_path: Path) -> None:
    text = "Grüße aus Köln, schöne Tage. " * 40
    parsed = read(tmp_path, text.encode() + spoilt + b" end")
    assert parsed.markdown.startswith(text)
    assert parsed.markdown.endswith(" end")
    assert "\ufffd" in parsed.markdown
    assert parsed.warnings == (f"{unread} of the text could not be read as utf-8: U+FFFD replaces it.",)


def test_a_replacement_character_that_is_written_is_not_told(tmp_path: Path) -> None:
    assert read(tmp_path, "what \ufffd is".encode()).warnings == ()


def test_utf16_that_is_cut_keeps_what_is_there(tmp_path: Path) -> None:
    parsed = read(tmp_path, "The whole text".encode("utf-16")[:-1])
    assert parsed.markdown == "The whole tex\ufffd"
    assert parsed.warnings


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u0085b\u2028c\u2029d", "a\nb\nc\n\nd"),
        ("page one\x0cpage two\x0bthree", "page one\npage two\nthree"),
        ("a\x01b\x7fc\x1ad", "abcd"),
        ("\x1b[31mERROR\x1b[0m: \x1b[1;4mbold\x1b[m", "ERROR: bold"),
        ("\x1b(B\x1b]0;window\x07\x1b]8;;http://a.example\x1b\\text\x1b]8;;\x1b\\", "text"),
        ("N\bNA\bA _\ba_\bé ü\bü a\bb", "NA aé ü ab"),
        ("\tindented  twice \n\n\n\nfar", "\tindented  twice \n\n\n\nfar"),
        ("x<y && y>1 &amp; <b> *s* _u_ \\n [a](b) # 1", "x<y && y>1 &amp; <b> *s* _u_ \\n [a](b) # 1"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_text_is_kept_but_for_controls_and_line_ends(
    written: str, shown: str, name: str, tmp_path: Path
) -> None:
    assert read(tmp_path, written.encode(), name).markdown == shown


def test_the_letters_of_a_file_of_properties_are_read(tmp_path: Path) -> None:
    written = rb"a=caf\u00e9 \u65E5\ud83d\ude00 C:\\u00e9 \ux"
    shown = "```\na=café 日😀 C:\\\\u00e9 \\ux\n```\n"
    assert read(tmp_path, written, "a.properties").markdown == shown
    assert "\\u00e9" in read(tmp_path, written, "a.py").markdown


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1))
def test_text_in_utf8_comes_out_as_it_went_in(text: str) -> None:
    shown = text.removeprefix("\ufeff")
    assert decode(text.encode()) == (shown, ())
    assert decode(text.encode("utf-16"))[0] == text


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_become_text_without_controls(data: bytes) -> None:
    text, _ = decode(data)
    assert clean(text) == text
    text.encode()
