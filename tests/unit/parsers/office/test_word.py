"""What a person sees in a Word file (docx) is what its markdown says."""

from pathlib import Path

import pytest

from tests.unit.parsers import hostile, samples
from tests.unit.parsers.made.slides import CHART, DIAGRAM, NEWER_CHART
from tests.unit.parsers.made.word import (
    LISTS,
    SEPARATORS,
    STYLES,
    alternates,
    box,
    cell,
    document,
    drawing,
    drawn,
    field,
    formula,
    levels,
    mark,
    note,
    numbered,
    paragraph,
    picture,
    row,
    run,
    shape,
    sign,
    style,
    styled,
    table,
    text,
    used,
    vml_box,
)
from tests.unit.parsers.office.reading import read

DELETED = "<w:del><w:r><w:delText>Gone.</w:delText></w:r></w:del>"
END_DELETED = "<w:rPr><w:del/></w:rPr>"
CHOSEN = alternates(drawing(shape("In the box.")), f"<w:pict><v:shape><v:textbox><w:txbxContent>{paragraph('In the box.')}"
                    "</w:txbxContent></v:textbox></v:shape></w:pict>")  # fmt: skip
TWO = formula(f"<m:f><m:num>{sign('a+b')}</m:num><m:den>{sign('c')}</m:den></m:f>")
MATRIX = f"<m:m><m:mr><m:e>{sign('1')}</m:e><m:e>{sign('0')}</m:e></m:mr><m:mr><m:e>{sign('0')}</m:e><m:e>{sign('1')}</m:e></m:mr></m:m>"

CASES: dict[str, tuple[bytes, str]] = {
    # characters
    "signs of XML and references are the characters they stand for": (
        document(paragraph("AT&amp;T, R&amp;D: x&lt;y &amp;&amp; y&gt;1, M&#252;ller")),
        "AT&T, R&D: x<y && y>1, Müller",
    ),
    "tabs and breaks part words, hyphens do not": (
        document(paragraph("Total", run("<w:tab/>"), "250", run("<w:ptab/>"), "EUR, ZX", run("<w:noBreakHyphen/>"), "44 sof",
                           run("<w:softHyphen/>"), "a", run("<w:br/>"), "next", run("<w:cr/>"), "last")),
        "Total 250 EUR, ZX-44 sofa\nnext\nlast",
    ),
    "characters of symbol fonts are those of Unicode": (
        document(paragraph(run('<w:sym w:font="Wingdings" w:char="F0FC"/>'), " done, ", run('<w:sym w:font="Symbol" w:char="F061"/>'),
                           text("\uf062", '<w:rFonts w:ascii="Symbol"/>'))),
        "✓ done, αβ",
    ),
    "ruby stands behind its word and does not part it": (
        document(paragraph(*[run(f"<w:ruby><w:rt>{text(r)}</w:rt><w:rubyBase>{text(b)}</w:rubyBase></w:ruby>")
                             for b, r in (("漢", "かん"), ("字", "じ"))], "を読む")),
        "漢字(かんじ)を読む",
    ),
    "capitals are capitals, hidden text is not there": (
        document(paragraph("Seen ", text("secret", "<w:vanish/>"), text("loud", "<w:caps/>"), text(" back", '<w:vanish w:val="0"/>'))),
        "Seen LOUD back",
    ),
    "form marks the text and does not part words": (
        document(paragraph(text("bold", "<w:b/>"), " ", text("by style", '<w:rStyle w:val="Strong"/>'), " 10", text("6", '<w:vertAlign w:val="superscript"/>'),
                           " H", text("2", '<w:vertAlign w:val="subscript"/>'), "O ", text("old", "<w:strike/>"), " wo", text("r", "<w:b/>"), "d"),
                 styles=STYLES),
        "**bold** **by style** 10^6^ H~2~O ~~old~~ word",
    ),
    "small text that is moved by hand is raised or lowered": (
        document(paragraph("10", text("6", '<w:position w:val="8"/><w:sz w:val="14"/>'), " H", text("2", '<w:position w:val="-4"/><w:sz w:val="14"/>'),
                           "O ", text("kerned", '<w:position w:val="6"/>'))),
        "10^6^ H~2~O kerned",
    ),
    "a line that looks like a mark is not taken for one": (document(paragraph("# 7 is a number")), "\\# 7 is a number"),
    # notes
    "a first footnote stands at its mark": (
        document(paragraph("One", mark(1), " two", mark(2), " three", mark(1, "endnote")) + paragraph("After."),
                 footnotes=SEPARATORS + note(1, "First.") + note(2, "Second."), endnotes=note(1, "End.", "endnote")),
        "One[^1] two[^2] three[^e1]\n\n[^1]: First.\n\n[^2]: Second.\n\n[^e1]: End.\n\nAfter.",
    ),
    "notes of a table and of a text box stand behind them": (
        document(table(row(cell(paragraph("Fee", mark(1))), "4 EUR")) + paragraph("A ", vml_box(paragraph("box", mark(2))), "word."),
                 footnotes=note(1, "In euros.") + note(2, "Drawn.")),
        "| Fee[^1] | 4 EUR |\n| --- | --- |\n\n[^1]: In euros.\n\nA word.\n\nbox[^2]\n\n[^2]: Drawn.",
    ),
    "notes of a list stand behind the list": (
        document(numbered("Open") + paragraph("Close", mark(1), form='<w:numPr><w:numId w:val="1"/></w:numPr>') + paragraph("After."),
                 numbering=LISTS, footnotes=note(1, "Softly.")),
        "1. Open\n2. Close[^1]\n\n[^1]: Softly.\n\nAfter.",
    ),
    "a comment has its author": (
        document(paragraph('<w:commentRangeStart w:id="0"/>', "Free", '<w:commentRangeEnd w:id="0"/>', mark(0, "comment"), " returns."),
                 comments=f'<w:comment w:id="0" w:author="Nora">{paragraph("Really?")}</w:comment>'),
        "Free[^c1] returns.\n\n[^c1]: Nora: Really?",
    ),
    # text boxes
    "a text box leaves its sentence whole": (
        document(paragraph("The deposit is 200 euros ", vml_box("In the box."), " and is paid back.") + paragraph("Next.")),
        "The deposit is 200 euros and is paid back.\n\nIn the box.\n\nNext.",
    ),
    "a text box with a fallback is read once": (document(paragraph("One ", run(CHOSEN), "two.")), "One two.\n\nIn the box."),
    "a choice that holds nothing leaves the fallback": (
        document(paragraph("One ", run(alternates("", "<w:t>two</w:t>")))), "One two",
    ),
    "alternates are read wherever they stand, and within each other": (
        document(alternates(paragraph("Chosen."), paragraph("Not."))
                 + paragraph(run(alternates(alternates("<w:t>Deep.</w:t>", "<w:t>Not.</w:t>"), "<w:t>Not.</w:t>")))),
        "Chosen.\n\nDeep.",
    ),
    "boxes of groups and canvases are read, and boxes in boxes": (
        document(paragraph("Before ", run(drawing(f"<wpg:wgp>{shape('one')}<wpg:grpSp>{shape('two')}</wpg:grpSp></wpg:wgp>")),
                           run(drawing(f"<wpc:wpc>{shape(paragraph('three ', box('four')))}</wpc:wpc>")), "after.")),
        "Before after.\n\none\n\ntwo\n\nthree\n\nfour",
    ),
    "a box in a cell stays in the cell": (document(table(row(cell(paragraph("a ", box("boxed"), "b")), "c"))), "| a b boxed | c |\n| --- | --- |"),
    "text on a shape that another program drew is read": (
        document(paragraph(run(drawing("<a:txSp><a:txBody><a:p><a:r><a:t>Locked</a:t></a:r></a:p></a:txBody></a:txSp>")))), "Locked",
    ),
    "a watermark is read": (document(paragraph("Text.", run('<w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict>'))), "Text.\n\nDRAFT"),
    # pictures, charts, diagrams
    "the text of a picture stands in its place": (document(paragraph("See", picture("a red lamp"), "here.")), "See a red lamp here."),
    "the text of a floating picture leaves the sentence whole": (
        document(paragraph("See ", picture("a red lamp", floats=True), "here.")), "See here.\n\na red lamp",
    ),
    "a chart is a table": (
        document(paragraph("Sales:", run(drawing('<c:chart r:id="chart1"/>'))), chart1=CHART),
        "Sales:\n\nDucks by year\n\nYear\n\n|  | Wild | Tame |\n| --- | --- | --- |\n| 2019 | 120 | 80.5 |\n| 2020 | 130 | 25% |",
    ),
    "a chart of a newer kind is a table": (
        document(paragraph("Sales:", run(alternates(drawing('<cx:chart xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex" r:id="chart1"/>'),
                                                    "<w:t>not available</w:t>"))), chart1=NEWER_CHART),
        "Sales:\n\nFunnel\n\n|  | Visits |\n| --- | --- |\n| Seen | 50 |\n| Bought | 7 |",
    ),
    "a diagram is a list": (
        document(paragraph(run(drawing('<dgm:relIds r:dm="diagram1"/>'))), diagram1=DIAGRAM), "- Chief\n  - Sales\n  - Stock",
    ),
    # fields, forms, content controls
    "of a field its result is seen": (
        document(paragraph("See ", field(" PAGEREF _a ", "12"), ", ", '<w:fldSimple w:instr=" DATE "><w:r><w:t>May</w:t></w:r></w:fldSimple>')),
        "See 12, May",
    ),
    "a field within an instruction is not seen": (
        document(paragraph(run('<w:fldChar w:fldCharType="begin"/>'), run("<w:instrText>IF </w:instrText>"), field(" X ", "inner"),
                           run('<w:fldChar w:fldCharType="separate"/>'), "yes", run('<w:fldChar w:fldCharType="end"/>'), " sir")),
        "yes sir",
    ),
    "what a field sets for others is not seen": (
        document(paragraph("a", field(' SET name "x" ', "x"), " b ", field(" REF name ", "x"))), "a b x",
    ),
    "what a field sets ends with its paragraph": (
        document(paragraph("a", field(' SET name "x" ', "x").removesuffix(run('<w:fldChar w:fldCharType="end"/>'))) + paragraph("b")), "a\n\nb",
    ),
    "fields that Word draws are seen": (
        document(paragraph("a", drawn(r'SYMBOL 252 \f "Wingdings"'), " b", drawn(r"EQ \f(1,2)"), " c", drawn(r"eq \o\ac(○,A)"), " d", drawn(r"EQ \r(3,x)"),
                           " e", drawn(r'EQ \* jc2 \* "Font:MS Mincho" \* hps10 \o\ad(\s\up 9(とう),東)'), drawn("XE hidden"))),
        "a✓ b1/2 c○A d3√x e東(とう)",
    ),
    "a field whose end was lost hides no text": (
        document(paragraph(run('<w:fldChar w:fldCharType="begin"/>'), run("<w:instrText>PAGE</w:instrText>"), "a") + paragraph("b")), "a\n\nb",
    ),
    "links of both kinds lead to their address": (
        document(paragraph(f'<w:hyperlink r:id="link">{text("returns")}</w:hyperlink>', " and ", field(' HYPERLINK "https://a.example" ', "site"),
                           " and ", f'<w:hyperlink w:anchor="x">{text("below")}</w:hyperlink>')),
        "[returns](https://deps.example/returns) and [site](https://a.example) and below",
    ),
    "old form fields show what was chosen": (
        document(paragraph(run('<w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>'),
                           run("<w:instrText>FORMCHECKBOX</w:instrText>"), run('<w:fldChar w:fldCharType="end"/>'), " agreed, ",
                           run('<w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="red"/>'
                               '<w:listEntry w:val="blue"/></w:ddList></w:ffData></w:fldChar>'), run('<w:fldChar w:fldCharType="end"/>'))),
        "☒ agreed, blue",
    ),
    "content controls are read at every place": (
        document("<w:sdt><w:sdtContent>" + paragraph("Block", "<w:sdt><w:sdtContent>" + text(" choice") + "</w:sdtContent></w:sdt>")
                 + "</w:sdtContent></w:sdt>" + table(row("a", "<w:sdt><w:sdtContent>" + cell("b") + "</w:sdtContent></w:sdt>"),
                                                     "<w:sdt><w:sdtContent>" + row("c", "d") + "</w:sdtContent></w:sdt>")),
        "Block choice\n\n| a | b |\n| --- | --- |\n| c | d |",
    ),
    "smart tags and elements of other vocabularies are seen through": (
        document(f'<w:customXml w:element="x">{paragraph("<w:smartTag>" + text("Smart") + "</w:smartTag>", "<w:bdo>" + text(" words") + "</w:bdo>")}</w:customXml>'),
        "Smart words",
    ),
    # formulas
    "a formula stays in its sentence": (document(paragraph("The area is ", formula(sign("A=ab")), " here.")), "The area is A=ab here."),
    "fractions, roots, scripts, sums and matrices can be read": (
        document(paragraph(TWO, ", ", formula(f"<m:rad><m:deg/><m:e>{sign('x+1')}</m:e></m:rad>"), ", ",
                           formula(f"<m:sSubSup><m:e>{sign('x')}</m:e><m:sub>{sign('i')}</m:sub><m:sup>{sign('2')}</m:sup></m:sSubSup>"), ", ",
                           formula(f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{sign("i=1")}</m:sub><m:sup>{sign("n")}</m:sup><m:e>{sign("i")}</m:e></m:nary>'),
                           ", ", formula(f"<m:d><m:e>{MATRIX}</m:e></m:d>"), ", ",
                           formula(f"<m:func><m:fName>{sign('sin')}</m:fName><m:e>{sign('x')}</m:e></m:func>"))),
        "(a+b)/c, √(x+1), x~i~^2^, ∑~i=1~^n^i, (1 0; 0 1), sin x",
    ),
    "formulas of a paragraph of their own are lines": (
        document(paragraph(f"<m:oMathPara>{formula(sign('a=1'))}{formula(sign('b=2'))}</m:oMathPara>")), "a=1\nb=2",
    ),
    # tracked changes
    "inserted and moved text is read once, deleted text never": (
        document(paragraph(f"<w:ins>{text('New')}</w:ins>", DELETED, " text.") + paragraph(f"<w:moveFrom>{text('Moved.')}</w:moveFrom>")
                 + paragraph("Middle.") + paragraph(f"<w:moveTo>{text('Moved.')}</w:moveTo>")),
        "New text.\n\nMiddle.\n\nMoved.",
    ),
    "a paragraph whose end was deleted goes on in the next": (
        document(paragraph("one ", form=END_DELETED) + paragraph("two ", form=END_DELETED) + paragraph("three")), "one two three",
    ),
    "a drop cap begins the word after it": (
        document(paragraph("O", form='<w:framePr w:dropCap="drop" w:lines="3"/>') + paragraph("nce upon a time")), "Once upon a time",
    ),
    "deleted rows are not read": (
        document(table(row("a", "b"), row("gone", "gone", form="<w:del/>"), row("c", "d", form="<w:ins/>"))), "| a | b |\n| --- | --- |\n| c | d |",
    ),
    # tables
    "a merged cell stands once at its first place": (
        document(table(row(cell("Fees", form='<w:gridSpan w:val="2"/>'), cell("North", form='<w:vMerge w:val="restart"/>')),
                       row("Lamp", "4", cell(form="<w:vMerge/>")))),
        "| Fees |  | North |\n| --- | --- | --- |\n| Lamp | 4 |  |",
    ),
    "rows that begin late keep their columns": (
        document(table(row("1", "2", "3"), row("x", "y", form='<w:gridBefore w:val="1"/>'))), "| 1 | 2 | 3 |\n| --- | --- | --- |\n|  | x | y |",
    ),
    "a table in a table is text of its cell": (
        document(table(row(cell("out", table(row("n1", "n2")), "tail"), "b"))), "| out n1, n2 tail | b |\n| --- | --- |",
    ),
    "a frame around text is no table": (document(table(row(cell("intro", table(row("a", "b")))))), "intro\n\n| a | b |\n| --- | --- |"),
    # lists
    "lists are numbered as Word shows them": (
        document(numbered("Open") + numbered("Fill") + numbered("slowly", 1) + numbered("evenly", 1) + numbered("twice", 2) + numbered("Close"),
                 numbering=LISTS),
        "1. Open\n2. Fill\n   - a) slowly\n   - b) evenly\n     - (i) twice\n3. Close",
    ),
    "a list goes on behind a paragraph, another begins anew": (
        document(numbered("a") + paragraph("Between.") + numbered("b") + numbered("five", number=5) + numbered("six", number=5), numbering=LISTS),
        "1. a\n\nBetween.\n\n2. b\n5. five\n6. six",
    ),
    "numbers of several levels, roman and with zeros": (
        document(numbered("a", 0, 2) + numbered("b", 1, 2) + numbered("c", 2, 2) + numbered("d", 1, 2) + numbered("IV", 0, 4) + numbered("z", 1, 4),
                 numbering=LISTS),
        "1. a\n   - 1.1 b\n     - 1.1.1 c\n   - 1.2 d\n- I. IV\n  01. z",
    ),
    "numbers of other scripts": (
        document("".join(numbered(words, depth) for words in ("a", "b") for depth in range(4)),
                 numbering=levels(("chineseCountingThousand", "第%1条"), ("russianLower", "%2)"), ("hebrew1", "%3."), ("decimalEnclosedCircle", "%4"))
                 + used(1)),
        "- 第一条 a\n  - а) a\n    - א. a\n      - ① a\n- 第二条 b\n  - а) b\n    - א. b\n      - ① b",
    ),
    "a level that was passed over counts as begun": (
        document(numbered("a", 0, 2) + numbered("b", 2, 2) + numbered("c", 2, 2) + numbered("d", 1, 2), numbering=LISTS),
        "1. a\n   - 1.1.1 b\n   - 1.1.2 c\n   - 1.2 d",
    ),
    "a list says at which level its styles stand": (
        document(styled("Article", "Scope") + styled("Clause", "Goods") + styled("Clause", "Money") + styled("Article", "End"),
                 styles=style("Article", "Article", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>')
                 + style("Clause", "Clause", '<w:basedOn w:val="Article"/>'),
                 numbering='<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="upperRoman"/><w:pStyle w:val="Article"/>'
                 '<w:lvlText w:val="Article %1"/></w:lvl><w:lvl w:ilvl="1"><w:pStyle w:val="Clause"/><w:isLgl/><w:lvlText w:val="%1.%2"/></w:lvl>'
                 "</w:abstractNum>" + used(1)),
        "- Article I Scope\n  - 1.1 Goods\n  - 1.2 Money\n- Article II End",
    ),
    "bullets come from the paragraph or its style": (
        document(numbered("a", 0, 3) + numbered("b", 1, 3) + styled("Items", "c") + paragraph("d", form='<w:pStyle w:val="Items"/><w:numPr><w:numId w:val="0"/></w:numPr>'),
                 numbering=LISTS, styles=STYLES),
        "- a\n  - b\n- c\n\nd",
    ),
    # headings
    "headings have the level and the number of their style": (
        document(styled("Title", "Policy") + styled("Subtitle", "of the deps") + styled("Heading1", "Returns") + styled("berschrift2", "How")
                 + styled("House", text("When", "<w:b/>")) + styled("Ttulo3", "Dónde") + styled("Outline", "Deep")
                 + paragraph("Own", form='<w:outlineLvl w:val="4"/>'), numbering=LISTS, styles=STYLES),
        "# Policy\n\nof the deps\n\n# 1. Returns\n\n## 1.1 How\n\n## 1.2 When\n\n### Dónde\n\n#### Deep\n\n##### Own",
    ),
    "headings are known without styles": (document(styled("Heading2", "Returns")), "## Returns"),
    # parts
    "headers come first and footers last, each once": (
        document(paragraph("Body."), header1=paragraph("Casa Alborada"), header2=paragraph("Casa Alborada"), header3=paragraph(box("First page")),
                 footer1=table(row("Page", "1"))),
        "Casa Alborada\n\nFirst page\n\nBody.\n\n| Page | 1 |\n| --- | --- |",
    ),
    "an inserted page is read": (document(paragraph("Before.") + '<w:altChunk r:id="page1"/>', page1="<html><p>Inserted.</p></html>"), "Before.\n\nInserted."),
    "several bodies are read": (document(paragraph("One.") + "</w:body><w:body>" + paragraph("Two.")), "One.\n\nTwo."),
    "runs outside of paragraphs are read": (document(text("Stray.") + paragraph("Body.")), "Stray.\n\nBody."),
    "a main part of another name is found": (document(paragraph("Written by Office 365."), main="word/document2.xml"), "Written by Office 365."),
    "a main part in another folder is found": (document(paragraph("Text."), main="content/main.xml"), "Text."),
}  # fmt: skip


@pytest.mark.parametrize(("data", "markdown"), CASES.values(), ids=CASES)
def test_a_word_file_reads_as_a_person_sees_it(data: bytes, markdown: str, tmp_path: Path) -> None:
    assert read(tmp_path, data, "a.docx").markdown.strip() == markdown


@pytest.mark.parametrize(
    "case",
    [
        "a first footnote stands at its mark",
        "a formula stays in its sentence",
        "links of both kinds lead to their address",
    ],
)
def test_a_file_in_the_strict_form_reads_the_same(case: str, tmp_path: Path) -> None:
    data, markdown = CASES[case]
    strict = {
        name: content.replace(b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/")
        .replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/", b"http://purl.oclc.org/ooxml/wordprocessingml/")
        for name, content in hostile.members(data).items()
    }  # fmt: skip
    assert b"purl.oclc.org" in strict["word/document.xml"]
    assert read(tmp_path, samples.archive(strict), "a.docx").markdown.strip() == markdown


WARNINGS: dict[str, tuple[str, str]] = {
    "hidden text": (paragraph("a", text("b", "<w:vanish/>")) + styled("Secret", "c"), "2 pieces of hidden text are left out."),
    "deleted text": (paragraph("a", DELETED) + table(row("b", "c"), row("d", "e", form="<w:del/>")), "2 tracked deletions are left out."),
    "a picture": (paragraph("a", picture()), "1 image has no readable text: text recognition (OCR) is not available."),
    "an embedded workbook": (
        paragraph("a", run('<w:object><v:shape><v:imagedata/></v:shape><o:OLEObject ProgID="Excel.Sheet.12"/></w:object>')),
        "1 embedded object of type Excel.Sheet.12 is left out.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "warning"), WARNINGS.values(), ids=WARNINGS)
def test_what_is_left_out_is_told_once(body: str, warning: str, tmp_path: Path) -> None:
    assert read(tmp_path, document(body, styles=STYLES), "a.docx").warnings == (warning,)


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_told_of_a_file_that_is_read_as_a_whole(case: str, tmp_path: Path) -> None:
    expected = case.startswith(("capitals", "inserted and moved", "deleted rows"))
    assert bool(read(tmp_path, CASES[case][0], "a.docx").warnings) is expected
