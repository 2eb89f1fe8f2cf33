"""Rich text (rtf): charsets, notes, tables, lists, boxes, and what is left out."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers.made.rich_text import font_of, row, rtf
from tests.unit.parsers.made.spoilt import survives

NOTE = r"{\super\chftn{\footnote\pard\plain\s20{\super\chftn} The note.}}"
PICTURE = r"{\*\shppict{\pict\pngblip 89504e470d0a1a0a}}{\nonshppict{\pict\wmetafile8 0100}}"
LINK = r'{\field{\*\fldinst HYPERLINK "https://e.example/a"}{\fldrslt\ul here}}'

CHARSETS = [
    (0, "né", "cp1252"), (77, "né", "mac_roman"), (128, "日本", "cp932"), (128, "ソ表", "cp932"), (129, "한국", "cp949"),
    (134, "中国", "gbk"), (136, "臺灣", "big5"), (161, "Ελλάς", "cp1253"), (162, "ğış", "cp1254"), (163, "đơ", "cp1258"),
    (177, "שלום", "cp1255"), (178, "سلام", "cp1256"), (186, "ąžė", "cp1257"), (204, "Привет", "cp1251"), (222, "ไทย", "cp874"),
    (238, "řč", "cp1250"), (255, "é", "cp850"),
]  # fmt: skip

READ: list[tuple[str, str, str]] = [
    ("paragraphs", r"One\par Two\par", "One\n\nTwo"),
    ("the last paragraph without its end", r"One\par Two", "One\n\nTwo"),
    ("a drop cap", r"\pard\dropcapli3\dropcapt1 O\par\pard nce upon\par\pard a time", "Once upon\n\na time"),
    ("what a field sets for others", r"a{\field{\*\fldinst SET name x}{\fldrslt x}} b {\field{\*\fldinst REF name}{\fldrslt x}}", "a b x"),
    ("an equation of fields", r"a {\field{\*\fldinst EQ \\f(1,2)}{\fldrslt}} b", "a 1/2 b"),
    ("words of signs", r"a\emdash b\endash c \lquote d\rquote  \ldblquote e\rdblquote  \bullet  f\tab g\line h", "a—b–c ‘d’ “e” • f\tg\nh"),
    ("escaped signs", r"\{a\\b\} 10\~km ZX\_4417 hy\-phen", r"{a\b} 10 km ZX-4417 hyphen"),
    ("line ends of the file", "wo\r\nrd and\n more", "word and more"),
    ("unicode", r"\u1055?\u1088?\'e9 \u8364 ?", "Прé €"),
    ("negative numbers and pairs", r"\u-10179?\u-8704? \u-255?", "😀 ！"),
    ("what stands for unicode", r"\uc2\u26085\'93\'fa\u26412\'96\'7b{\uc0\u233}e\uc1\u233ee", "日本éeée"),
    ("what stands for unicode is a word", r"a\u8212\emdash b", "a—b"),
    ("the far east", r"{\dbch\af2\loch\af0\hich\af0\dbch \'93\'fa}{\f2 \'83\\}", "日ソ"),
    ("a lead byte and a plain one", "{\\f2 \\'8f\\'5c\\'83A}", "十ア"),
    ("greek by Symbol", r"{\f3 abg}{\f3\'b7} \u-3999?", "αβγ• α"),
    ("ticks by Wingdings", r"{\f4\'fc\'fb}", "✓✗"),
    ("forms of text", r"a {\b b}{\b\i  c} 10{\super 6} H{\sub 2}O {\strike old} {\b x\b0 y}", "a **b** ***c*** 10^6^ H~2~O ~~old~~ xy"),
    ("plain ends all", r"{\b\i a\plain b} {\b a}", "ab **a**"),
    ("capitals stay as typed", r"{\caps Intro}", "Intro"),
    ("a link", rf"see {LINK}.", "see [here](https://e.example/a)."),
    ("a link within the file", r'see {\field{\*\fldinst HYPERLINK \\l "m"}{\fldrslt there}}.', "see there."),
    ("a field in a field", r"{\field{\*\fldinst TOC \\o}{\fldrslt One {\field{\*\fldinst PAGEREF x}{\fldrslt 3}}}}", "One 3"),
    ("a sign by its field", r'{\field{\*\fldinst SYMBOL 183 \\f "Symbol" \\s 10}} a', "• a"),
    ("check boxes and lists", r"{\field{\*\fldinst FORMCHECKBOX{\*\formfield{\fftype1\ffres25{\*\ffname A}\ffdefres1}}}{\fldrslt }} paid "
     r"{\field{\*\fldinst FORMCHECKBOX{\*\formfield{\fftype1\ffres0\ffdefres1}}}} sent "
     r"{\field{\*\fldinst FORMDROPDOWN{\*\formfield{\fftype2\ffres1{\*\ffl Red}{\*\ffl Blue}}}}}", "☒ paid ☐ sent Blue"),
    ("headings by style", r"\pard\s1 One\par\pard\s2\b Two\b0\par\pard\s3 Three\par\pard text\par\pard\s5 All\par", "# One\n\n## Two\n\n### Three\n\ntext\n\n# All"),
    ("headings by outline", r"\pard\outlinelevel1 Two\par\pard\s1\outlinelevel9 text\par", "## Two\n\ntext"),
    ("a numbered heading", r"{\listtext\pard 1.\tab}\pard\s1 One\par", "# 1. One"),
    ("a list", r"\pard\ls1{\listtext\pard\plain 1.\tab}One\par{\listtext 2.\tab}Two\par\pard\ls1\ilvl1{\listtext a)\tab}deep\par\pard after\par",
     "1. One\n2. Two\n   - a) deep\n\nafter"),
    ("bullets", r"\pard{\listtext\f3\'b7\tab}a\par\pard\ilvl1{\listtext\f0 o\tab}b\par\pard{\listtext\f4\'a7\tab}c\par", "- a\n  - b\n- c"),
    ("an old list", r"\pard{\pntext\f3\'B7\tab}{\*\pn\pnlvlblt\pnf1\pnindent0{\pntxtb\'B7}}a\par{\pntext\f3\'B7\tab}b\par", "- a\n- b"),
    ("a list without markers", r"\pard\ls1 a\par\pard\ls1\ilvl1 b\par", "- a\n  - b"),
    ("a table", row("a", "b") + row("c", "d") + r"\pard after\par", "| a | b |\n| --- | --- |\n| c | d |\n\nafter"),
    ("paragraphs in a cell", row(r"a\par more", "b"), "| a more | b |\n| --- | --- |"),
    ("a list in a cell", row(r"{\listtext 1.\tab}a\par{\listtext 2.\tab}b", "c"), "| 1. a 2. b | c |\n| --- | --- |"),
    ("merged across", row("a", "", edges=r"\clmgf\cellx1000\clmrg\cellx2000") + row("b", "c"), "| a |  |\n| --- | --- |\n| b | c |"),
    ("merged across beside another", row("a", "", "x", edges=r"\clmgf\cellx1000\clmrg\cellx2000\cellx3000") + row("b", "c", "d"),
     "| a |  | x |\n| --- | --- | --- |\n| b | c | d |"),
    ("merged down", row("a", "b", edges=r"\clvmgf\cellx1000\cellx2000") + row("", "c", edges=r"\clvmrg\cellx1000\cellx2000"),
     "| a | b |\n| --- | --- |\n|  | c |"),
    ("wide by its edge", row("a", "x", edges=r"\cellx2010\cellx3000") + row("b", "c", "d"), "| a |  | x |\n| --- | --- | --- |\n| b | c | d |"),
    ("a table in a cell", r"\trowd\cellx1000\cellx2000\pard\intbl a\par\pard\intbl\itap2 b\nestcell c\nestcell{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}"
     r"{\nonesttables\par}\pard\intbl d\cell e\cell\row", "| a b c d | e |\n| --- | --- |"),
    ("cells without their paragraph's word", r"\trowd\cellx1000\cellx2000 a\cell b\cell\row\pard c\par", "| a | b |\n| --- | --- |\n\nc"),
    ("a row described at its end", r"\pard\intbl a\cell b\cell{\trowd\cellx1000\cellx2000\row}\pard c\par", "| a | b |\n| --- | --- |\n\nc"),
    ("a footnote", rf"Text{NOTE} goes on.\par Next.\par", "Text[^1] goes on.\n\n[^1]: The note.\n\nNext."),
    ("an endnote", r"Text{\super\chftn{\footnote\ftnalt\pard At the end.}}.\par", "Text[^e1].\n\n[^e1]: At the end."),
    ("a note in a cell", row(rf"a{NOTE}", "b") + r"\pard c\par", "| a[^1] | b |\n| --- | --- |\n\n[^1]: The note.\n\nc"),
    ("a note in a list", rf"\pard{{\listtext 1.\tab}}a{NOTE}\par{{\listtext 2.\tab}}b\par\pard c\par", "1. a[^1]\n2. b\n\n[^1]: The note.\n\nc"),
    ("a comment", r"a{\*\atrfstart 0}word{\*\atrfend 0}{\*\atnid NB}{\*\atnauthor Nora}\chatn{\*\annotation{\*\atnref 0}{\*\atndate 1}\pard why?} b\par",
     "aword[^c1] b\n\n[^c1]: Nora: why?"),
    ("headers and footers once", r"{\header Top\par}{\footer Bottom\par}a\par\sect{\header Top\par}{\footerf Bottom\par}{\footer Else\par}b\par",
     "Top\n\na\n\nb\n\nBottom\n\nElse"),
    ("a box in a sentence", r"The deposit {\shp{\*\shpinst\shpleft1{\sp{\sn shapeType}{\sv 202}}{\shptxt\pard In the box.\par}}"
     r"{\shprslt{\*\do\dptxbx{\dptxbxtext\pard In the box.\par}}}}is 200.\par Next.\par", "The deposit is 200.\n\nIn the box.\n\nNext."),
    ("an old box", r"a{\*\do\dobxcolumn\dptxbx{\dptxbxtext\pard In the box.\par}\dpx0} b\par", "a b\n\nIn the box."),
    ("a described picture", r"a {\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A red lamp}}}\pngblip 89}} b\par", "a A red lamp b"),
    ("letters as a drawing", r"a{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv DRAFT}}}}\par", "a\n\nDRAFT"),
    ("an object's result", r"a {\object\objemb{\*\objclass Word}{\*\objdata 0105}{\result \pard shown}} b\par", "a shown b"),
    ("binary data", "a{\\pict{\\*\\picprop{\\sp{\\sn wzDescription}{\\sv lamp}}}\\bin5 }}{{\\} b\\par", "alamp b"),
    ("unknown groups", r"a{\*\unknown b{c}}{\*\xmlopen\xmlns1{\factoidname place}}d{\newword e}", "ade"),
    ("two versions", r"{\upr{a?}{\*\ud{a\u233?}}} b", "aé b"),
    ("index entries", r"a{\xe{\v lamp}}{\tc x}{\*\bkmkstart m}b{\*\bkmkend m}", "ab"),
    ("a formula", r"a {\mmath{\*\moMath{\mf{\mfPr{\mtype bar}}{\mnum{\mr\mscr0 x}}{\mden{\mr y}}}}{\mmathPict{\pict 00}}} b", "a x/y b"),
    ("more braces than were opened", r"a\par}b\par}c", "a"),
    ("a number of many digits", r"\u" + "9" * 500 + r"? a\fs" + "1" * 300 + " b", "\ue7ff ab"),
]  # fmt: skip

WARNED: list[tuple[str, str, str, str]] = [
    ("hidden text", r"a{\v secret} b{\v0 c}", "a bc", "1 piece of hidden text is left out."),
    ("deleted text", r"a{\deleted\revauthdel1 secret} b{\revised c}", "a bc", "1 tracked deletion is left out."),
    ("a picture in two forms", "a" + PICTURE + PICTURE, "a", "2 images have no readable text: text recognition (OCR) is not available."),
    ("a picture in a shape", r"a{\shp{\*\shpinst{\sp{\sn pib}{\sv{\pict\pngblip 89}}}}{\shprslt{\pict 00}}}", "a",
     "1 image has no readable text: text recognition (OCR) is not available."),
    ("an object", r"a{\object\objemb{\*\objclass Excel.Sheet}{\*\objdata 01}{\result{\pict\wmetafile8 00}}}", "a", "1 embedded object is left out."),
]  # fmt: skip


def read(directory: Path, data: bytes) -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, "a.rtf", Limits())


@pytest.mark.parametrize(("charset", "text", "encoding"), CHARSETS)
def test_a_fonts_charset_tells_its_text(charset: int, text: str, encoding: str, tmp_path: Path) -> None:
    assert read(tmp_path, font_of(charset, text.encode(encoding))).markdown == f"a {text} z\n"


@pytest.mark.parametrize(("head", "codes", "text"), [
    (r"\ansi\ansicpg1251", r"\'cf\'f0", "Пр"), (r"\mac", r"\'8e", "é"), (r"\pc", r"\'82", "é"), (r"\pca", r"\'b5", "Á"),
    (r"\ansi\ansicpg932", r"\'93\'fa", "日"), (r"\ansi\ansicpg932", r"\'93\'1", "“1"), (r"\ansi\ansicpg99999", r"\'e9", "é"),
    (r"\ansi{\fonttbl{\f0\cpg1251 A;}}\f0", r"\'cf\'f0", "Пр"), (r"\ansi\ansicpg65001", r"\'c3\'a9", "é"),
    (r"\ansi{\fonttbl\f0\fswiss\fcharset204 A;\f1\fcharset161 B;}\f1", r"\'e1{\f0\'cf}", "αП"),
])  # fmt: skip
def test_the_files_code_page_tells_the_rest(head: str, codes: str, text: str, tmp_path: Path) -> None:
    assert read(tmp_path, rf"{{\rtf1{head} {codes}}}".encode()).markdown.strip() == text


@pytest.mark.parametrize(("body", "markdown"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_a_text_says_what_a_person_sees(body: str, markdown: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, rtf(body))
    assert parsed.markdown.strip("\n") == markdown.strip()
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("body", "markdown", "warning"), [case[1:] for case in WARNED], ids=[case[0] for case in WARNED]
)
def test_what_is_left_out_is_told(body: str, markdown: str, warning: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, rtf(body))
    assert (parsed.markdown.strip(), parsed.warnings) == (markdown, (warning,))


def test_the_title_of_the_properties_is_the_documents(tmp_path: Path) -> None:
    parsed = read(
        tmp_path, rtf(r"{\info{\title Se\'f1al}{\author Nora}{\upr{\subject x}{\*\ud{\subject y}}}}a\par")
    )
    assert (parsed.title, parsed.markdown) == ("Señal", "a\n")


@pytest.mark.parametrize("end", [b"}", b"}\0\0\0", b"}\r\n\x1a", b"}trailing words", b"}}}"])
def test_what_stands_behind_the_last_brace_does_not_count(end: bytes, tmp_path: Path) -> None:
    assert read(tmp_path, rb"{\rtf1 words" + end).markdown == "words\n"


def test_a_file_without_its_last_brace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="is damaged: the rtf ends before its last brace"):
        read(tmp_path, rb"{\rtf1 words {\b more")


WORDS = st.lists(
    st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
)


def coded(word: str) -> str:
    units = word.encode("utf-16-le")
    return "".join(
        rf"\u{int.from_bytes(units[at : at + 2], 'little', signed=True)}?" for at in range(0, len(units), 2)
    )


@settings(max_examples=60, deadline=None)
@given(paragraphs=st.lists(st.tuples(WORDS, st.integers(0, 4)), min_size=1, max_size=8))
def test_words_that_were_put_in_come_out_in_order(
    paragraphs: list[tuple[list[str], int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    forms = [
        "{}\\par ",
        "{{\\b {}}}\\par ",
        "\\pard\\s1 {}\\par\\pard ",
        row("x", "{}") + "\\pard ",
        "note{{\\footnote {}}}\\par ",
    ]
    body = "".join(forms[form].format(" ".join(map(coded, words))) for words, form in paragraphs)
    found = " ".join(read(tmp_path_factory.getbasetemp(), rtf(body)).markdown.split())
    position = 0
    for words, _ in paragraphs:
        text = " ".join(words)
        position = found.index(text, position) + len(text)


def test_a_spoilt_file_is_read_or_refused(tmp_path: Path) -> None:
    body = "".join(case[1] for case in [*READ, *WARNED])
    survives(tmp_path, [rtf(body)], "a.rtf", times=250)


def test_many_groups_words_and_rows_are_read_soon(tmp_path: Path) -> None:
    body = (
        r"{\b x}" * 20_000
        + "{" * 50_000
        + "}" * 50_000
        + row("a", "b") * 2_000
        + r"{\footnote y" * 2_000
        + "}" * 2_000
    )
    assert "[^2000]" in read(tmp_path, rtf(body)).markdown
