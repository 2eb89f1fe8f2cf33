"""OpenDocument texts: what a person sees is there, in order, and what is left out is told."""

from pathlib import Path

import pytest

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.parsers import parse
from tests.unit.parsers.made import opendocument as made
from tests.unit.parsers.made.opendocument import (
    COVERED,
    OUTLINE,
    box,
    frame,
    h,
    header,
    items,
    master,
    note,
    numbered,
    p,
    row,
    table,
    td,
    text_style,
)
from tests.unit.parsers.office.reading import read

IMAGE = '<draw:image xlink:href="Pictures/1.png"/>'
ARABIC = 'style:num-format="1" style:num-suffix="."'
LETTERS = 'style:num-format="a" style:num-suffix=")"'
MATH = (
    "<math:math><math:mi>A</math:mi><math:mo>=</math:mo><math:mi>a</math:mi><math:mi>b</math:mi></math:math>"
)


def paragraph_style(name: str, attributes: str) -> str:
    return f'<style:style style:name="{name}" style:family="paragraph" {attributes}/>'


# name of the case, body, automatic styles, further members, markdown
READ: list[tuple[str, str, str, dict[str, str], str]] = [
    # characters
    ("spans within spans", p("a <text:span>b <text:span>c</text:span> d</text:span> e"), "", {}, "a b c d e"),
    ("spaces", p("One<text:s/>two<text:s text:c='3'/>three"), "", {}, "One two   three"),
    ("many spaces", p("a<text:s text:c='99999999999'/>b"), "", {}, "a" + " " * 80 + "b"),
    ("tabs and lines", p("Total<text:tab/>250<text:line-break/>next"), "", {}, "Total\t250\nnext"),
    ("white space of the file", p("\n  one\n  <text:span> two</text:span>\n three"), "", {}, "one two three"),
    ("signs", p("AT&amp;T &lt; x"), "", {}, "AT&T < x"),
    ("ruby", p("<text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby>"),
     "", {}, "漢字(かんじ)"),
    ("a link", p('see <text:a xlink:href="https://e.example/a">here</text:a>.'), "", {}, "see [here](https://e.example/a)."),
    ("a link within the file", p('see <text:a xlink:href="#mark">there</text:a>.'), "", {}, "see there."),
    ("forms of text", p('a <text:span text:style-name="B">b</text:span> 10<text:span text:style-name="U">6</text:span> '
                        'H<text:span text:style-name="D">2</text:span>O <text:span text:style-name="X">old</text:span>'),
     text_style("B", 'fo:font-weight="bold"') + text_style("U", 'style:text-position="super 58%"')
     + text_style("D", 'style:text-position="-33% 58%"') + text_style("X", 'style:text-line-through-style="solid"'),
     {}, "a **b** 10^6^ H~2~O ~~old~~"),
    ("a form from the parent's style", p('<text:span text:style-name="C">b</text:span>'),
     text_style("P", 'fo:font-weight="bold"') + text_style("C", "", attributes='style:parent-style-name="P"'), {}, "**b**"),
    ("bookmarks and references", p('<text:bookmark-start text:name="m"/>Part<text:bookmark-end text:name="m"/> '
                                   'see <text:bookmark-ref text:ref-name="m">Part</text:bookmark-ref>'), "", {}, "Part see Part"),
    ("fields", p("Page <text:page-number>3</text:page-number> of <text:page-count>9</text:page-count>, "
                 '<text:date text:date-value="2026-01-02">2 Jan</text:date>'), "", {}, "Page 3 of 9, 2 Jan"),
    ("unknown elements", p("a <loext:content-control><text:span>b</text:span></loext:content-control> c"), "", {}, "a b c"),
    ("prefixes of its own", "", "", {
        "content.xml": '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
                       'xmlns="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text><p>other prefix</p>'
                       "</o:text></o:body></o:document-content>"}, "other prefix"),
    # headings
    ("headings", h("One") + h("Two", 2) + p("text"), "", {}, "# One\n\n## Two\n\ntext"),
    ("numbered headings", h("One") + h("Two", 2) + h("Deep", 3) + h("Next", 2) + h("Three") + h("Last", 2), "",
     made.styles(OUTLINE), "# 1. One\n\n## 1.1 Two\n\n### Deep\n\n## 1.2 Next\n\n# 2. Three\n\n## 2.1 Last"),
    ("a level that was left out", h("One") + p("x") + h("Deep", 3) + h("Two", 2), "",
     made.styles(OUTLINE), "# 1. One\n\nx\n\n### Deep\n\n## 1.2 Two"),
    ("a heading without its number", h("One") + h("Annex", 1, 'text:is-list-header="true"') + h("Two"), "",
     made.styles(OUTLINE), "# 1. One\n\n# Annex\n\n# 2. Two"),
    ("a heading that begins anew", h("One") + h("New", 1, 'text:restart-numbering="true" text:start-value="7"'), "",
     made.styles(OUTLINE), "# 1. One\n\n# 7. New"),
    ("a written number", h("<text:number>IV</text:number>Chapter"), "", {}, "# IV Chapter"),
    ("a heading in a list", items(h("One"), h("Two"), attributes='text:style-name="L"'), numbered("L", ARABIC), {},
     "# 1. One\n\n# 2. Two"),
    ("a heading by its style", p("Intro", "P1"), paragraph_style("P1", 'style:parent-style-name="H"'),
     made.styles(paragraph_style("H", 'style:default-outline-level="2"')), "## Intro"),
    ("a title", p("The report", "Title"), "", made.styles(paragraph_style("Title", "")), "# The report"),
    # lists
    ("bullets", items("a", p("b") + items("c"), "d"), "", {}, "- a\n- b\n  - c\n- d"),
    ("numbers and letters", items("Open", p("Fill") + items("slowly", "well"), "Close", attributes='text:style-name="L"'),
     numbered("L", ARABIC, LETTERS), {}, "1. Open\n2. Fill\n   - a) slowly\n   - b) well\n3. Close"),
    ("a list that goes on", items("a", "b", attributes='text:style-name="L"') + p("text")
     + items("c", attributes='text:style-name="L" text:continue-numbering="true"') + items("d", attributes='text:style-name="L"'),
     numbered("L", ARABIC), {}, "1. a\n2. b\n\ntext\n\n3. c\n1. d"),
    ("a list that goes on by id", items("a", attributes='text:style-name="L" xml:id="x"') + p("t")
     + items("b", attributes='text:style-name="L"') + p("t") + items("c", attributes='text:style-name="L" text:continue-list="x"'),
     numbered("L", ARABIC), {}, "1. a\n\nt\n\n1. b\n\nt\n\n2. c"),
    ("start values", '<text:list text:style-name="L"><text:list-item text:start-value="5">' + p("a") + "</text:list-item>"
     "<text:list-item>" + p("b") + "</text:list-item></text:list>", numbered("L", ARABIC), {}, "5. a\n6. b"),
    ("a style's start", items("a", attributes='text:style-name="L"'), numbered("L", ARABIC + ' text:start-value="4"'), {}, "4. a"),
    ("roman and brackets", items("a", "b", attributes='text:style-name="L"'),
     numbered("L", 'style:num-format="I" style:num-prefix="(" style:num-suffix=")"'), {}, "- (I) a\n- (II) b"),
    ("levels in one number", items(p("a") + items("b", "c"), attributes='text:style-name="L"'),
     numbered("L", ARABIC, 'style:num-format="1" text:display-levels="2"'), {}, "1. a\n   - 1.1 b\n   - 1.2 c"),
    ("a pattern of numbers", items(p("a") + items("b"), attributes='text:style-name="L"'),
     numbered("L", ARABIC, 'style:num-format="1" loext:num-list-format="%1%-%2%:"'), {}, "1. a\n   - 1-1: b"),
    ("two paragraphs in an item", items(p("a") + p("more"), "b", attributes='text:style-name="L"'), numbered("L", ARABIC), {},
     "1. a\n   more\n2. b"),
    ("a list's head", "<text:list><text:list-header>" + p("Head") + "</text:list-header><text:list-item>" + p("a")
     + "</text:list-item></text:list>", "", {}, "Head\n\n- a"),
    ("levels without items", items(items(items("deep"))), "", {}, "- deep"),
    ("no marker", items("a", attributes='text:style-name="L"'), numbered("L", 'style:num-format=""'), {}, "a"),
    ("a numbered paragraph", f'<text:numbered-paragraph text:list-id="l" text:level="1" text:style-name="L">{p("a")}'
     f'</text:numbered-paragraph><text:numbered-paragraph text:list-id="l" text:level="1" text:style-name="L">{p("b")}'
     "</text:numbered-paragraph>", numbered("L", ARABIC), {}, "1. a\n2. b"),
    # tables
    ("blocks in cells", table(row(td(p("Steps") + items("one", "two")), td(p("With <text:span>span</text:span> more")))), "", {},
     "| Steps one two | With span more |\n| --- | --- |"),
    ("covered cells", table(row(td("a", 'table:number-columns-spanned="2"'), COVERED, "b"), row("c", "d", "e")), "", {},
     "| a |  | b |\n| --- | --- | --- |\n| c | d | e |"),
    ("rows spanned", table(row(td("a", 'table:number-rows-spanned="2"'), "b"), row(COVERED, "c")), "", {},
     "| a | b |\n| --- | --- |\n|  | c |"),
    ("a covered place without text above", table(row("a", td("", 'table:number-rows-spanned="2"'), "b"), row("c", COVERED, "d")),
     "", {}, "| a |  | b |\n| --- | --- | --- |\n| c |  | d |"),
    ("a title above columns", table(row(td("Prices", 'table:number-columns-spanned="2"'), COVERED), row("a", "b")), "", {},
     "| Prices |  |\n| --- | --- |\n| a | b |"),
    ("head rows and groups", table("<table:table-columns><table:table-column/></table:table-columns><table:table-header-rows>"
     + row("h", "i") + "</table:table-header-rows><table:table-rows>" + row("a", "b") + "</table:table-rows>"), "", {},
     "| h | i |\n| --- | --- |\n| a | b |"),
    ("repeated cells and rows", table(row(td("x", 'table:number-columns-repeated="2"'), "y", attributes='table:number-rows-repeated="2"')),
     "", {}, "| x | x | y |\n| --- | --- | --- |\n| x | x | y |"),
    ("a table in a cell", table(row("a", td(table(row("b", "c"), row("d", "e"))))), "", {}, "| a | b c d e |\n| --- | --- |"),
    ("a frame made of a table", table(row(td(h("Head") + p("one") + p("two")))), "", {}, "# Head\n\none\n\ntwo"),
    # notes and comments
    ("a footnote", p(f"Text{note('1', 'The note.')} goes on.") + p("Next."), "", {}, "Text[^1] goes on.\n\n[^1]: The note.\n\nNext."),
    ("an endnote", p(f"Text{note('i', 'At the end.', 'endnote')}."), "", {}, "Text[^i].\n\n[^i]: At the end."),
    ("two notes of one number", p(f"a{note('1', 'x')}") + p(f"b{note('1', 'y')}"), "", {},
     "a[^1]\n\n[^1]: x\n\nb[^1_2]\n\n[^1_2]: y"),
    ("a note of a list", items(f"a{note('1', 'x')}", "b"), "", {}, "- a[^1]\n- b\n\n[^1]: x"),
    ("a note of a table", table(row(f"a{note('*', 'x')}", "b")), "", {}, "| a[^*] | b |\n| --- | --- |\n\n[^*]: x"),
    ("a note of several paragraphs", p("a<text:note><text:note-citation>1</text:note-citation><text:note-body>" + p("x") + items("y")
     + "</text:note-body></text:note>"), "", {}, "a[^1]\n\n[^1]: x y"),
    ("a comment", p(f"a<office:annotation><dc:creator>Nora</dc:creator>{p('why?')}</office:annotation> b"), "", {},
     "a[^c1] b\n\n[^c1]: Nora: why?"),
    ("a comment's range", p(f'a <office:annotation office:name="1"><dc:creator>N</dc:creator>{p("why?")}</office:annotation>word'
     '<office:annotation-end office:name="1"/> b'), "", {}, "a word[^c1] b\n\n[^c1]: N: why?"),
    # drawings
    ("a box in a sentence", p(f"The deposit is {box('Words in the box.')}200 euros.") + p("Next."), "", {},
     "The deposit is 200 euros.\n\nWords in the box.\n\nNext."),
    ("a box on a page", box("Page box") + p("text"), "", {}, "Page box\n\ntext"),
    ("boxes in groups", p(f"a<draw:g><draw:g>{box('b')}</draw:g><draw:rect>{p('c')}</draw:rect></draw:g>"), "", {}, "a\n\nb\n\nc"),
    ("a shape in a line", p('Press <draw:custom-shape text:anchor-type="as-char"><text:p>OK</text:p></draw:custom-shape> now.'),
     "", {}, "Press OK now."),
    ("a picture's text", p("a " + frame(IMAGE, "<svg:title>Logo</svg:title><svg:desc>A red lamp</svg:desc>") + " b"), "", {},
     "a Logo: A red lamp b"),
    ("a linked picture's text", p("<draw:a>" + frame(IMAGE, "<svg:desc>A lamp</svg:desc>") + "</draw:a>"), "", {}, "A lamp"),
    ("a shape's description", p('<draw:line><svg:title>Arrow to the door</svg:title></draw:line>'), "", {}, "Arrow to the door"),
    ("a formula in the file", p("The area " + frame(f"<draw:object>{MATH}</draw:object>") + " is."), "", {}, "The area A = ab is."),
    ("a formula as an object", p("The area " + frame('<draw:object xlink:href="./Object 1"/>' + IMAGE) + " is."), "",
     {"Object 1/content.xml": '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>A</mi><mo>=</mo><mfrac><mi>a</mi><mn>2</mn></mfrac></math>'},
     "The area A = a/2 is."),
    ("a chart", p(frame('<draw:object xlink:href="./Object 1"/>' + IMAGE)), "",
     {"Object 1/content.xml": made.content("chart", "<chart:chart><chart:title>" + p("Sales") + "</chart:title><chart:plot-area>"
      "<chart:axis><chart:title>" + p("Year") + "</chart:title></chart:axis></chart:plot-area>" + table(row("", "Lamps"), row("2025", "7"))
      + "</chart:chart>")}, "Sales\n\nYear\n\n|  | Lamps |\n| --- | --- |\n| 2025 | 7 |"),
    ("an embedded sheet", p(frame('<draw:object xlink:href="Object 2/"/>')), "",
     {"Object 2/content.xml": made.content("spreadsheet", table(row("a", "b")))}, "| a | b |\n| --- | --- |"),
    # what stands elsewhere
    ("sections", "<text:section>" + p("in") + "</text:section>" + p("out"), "", {}, "in\n\nout"),
    ("a table of contents", "<text:table-of-content><text:table-of-content-source><text:index-title-template>Template"
     "</text:index-title-template></text:table-of-content-source><text:index-body><text:index-title>" + p("Contents")
     + "</text:index-title>" + p('<text:a xlink:href="#1">One<text:tab/>1</text:a>') + "</text:index-body></text:table-of-content>",
     "", {}, "Contents\n\nOne\t1"),
    ("headers and footers", p("text"), "", made.styles("", master("Standard", header("Top") + header("Bottom", "footer"))),
     "Top\n\ntext\n\nBottom"),
    ("headers of pages in use", p("text", "P1"), paragraph_style("P1", 'style:master-page-name="First"'),
     made.styles("", master("First", header("First top"), "Standard") + master("Standard", header("Top") + header("First top", "header-left"))
                 + master("Unused", header("Never"))), "First top\n\nTop\n\ntext"),
    ("a header that is off", p("text"), "", made.styles("", master(
        "Standard", f'<style:header-left style:display="false">{p("Off")}</style:header-left>')), "text"),
    ("form controls", "<office:forms><form:form><form:text form:id='c1' form:current-value='Nora'/>"
     "<form:checkbox form:id='c2' form:label='Paid' form:current-state='checked'/><form:checkbox form:id='c5' form:label='Sent'/>"
     "<form:listbox form:id='c3'><form:option form:label='Red'/><form:option form:label='Blue' form:current-selected='true'/></form:listbox>"
     "<form:textarea xml:id='c4'><text:p>Two</text:p><text:p>lines</text:p></form:textarea></form:form></office:forms>"
     + p("Name: <draw:control draw:control='c1'/>") + p("<draw:control draw:control='c2'/> <draw:control draw:control='c5'/>")
     + p("<draw:control draw:control='c3'/> <draw:control draw:control='c4'/>"), "", {},
     "Name: Nora\n\n☒ Paid ☐ Sent\n\nBlue Two\nlines"),
    ("fields from Word", p('<field:fieldmark field:type="vnd.oasis.opendocument.field.FORMCHECKBOX"><field:param field:name='
     '"Checkbox_Checked" field:value="true"/></field:fieldmark> yes <field:fieldmark-start field:type='
     '"vnd.oasis.opendocument.field.FORMTEXT"/>typed<field:fieldmark-end/>'), "", {}, "☒ yes typed"),
]  # fmt: skip

WARNED: list[tuple[str, str, str, str, str]] = [
    ("tracked deletions", "<text:tracked-changes><text:changed-region><text:deletion>" + p("gone") + "</text:deletion>"
     "</text:changed-region></text:tracked-changes>" + p('a<text:change text:change-id="1"/>b'), "", "ab", "1 tracked deletion is left out."),
    ("hidden text", p('a<text:span text:style-name="V">secret</text:span> b'), text_style("V", 'text:display="none"'), "a b",
     "1 piece of hidden text is left out."),
    ("a hidden paragraph", p("secret", "V") + p("b"), text_style("V", 'text:display="none"', "paragraph"), "b",
     "1 piece of hidden text is left out."),
    ("a field that hides", p('a<text:hidden-text text:is-hidden="true" text:string-value="secret"/> b'), "", "a b",
     "1 piece of hidden text is left out."),
    ("a field that hides its paragraph", p('secret<text:hidden-paragraph text:is-hidden="true"/>') + p("b"), "", "b",
     "1 piece of hidden text is left out."),
    ("hidden sections", f'<text:section text:display="none">{p("secret")}</text:section>' * 2 + p("b"), "", "b",
     "2 hidden sections are left out."),
    ("a picture", p("a" + frame(IMAGE) + frame(IMAGE)), "", "a",
     "2 images have no readable text: text recognition (OCR) is not available."),
    ("an object of another program", p("a" + frame('<draw:object-ole xlink:href="./Object 1"/>' + IMAGE)), "", "a",
     "1 embedded object is left out."),
    ("an object that is not there", p("a" + frame('<draw:object xlink:href="./Object 1"/>' + IMAGE)), "", "a",
     "1 embedded object is left out."),
    ("a film", p("a" + frame('<draw:plugin xlink:href="film.mp4"/>' + IMAGE)), "", "a", "1 media clip is left out."),
    ("endless repeats", table(row(td("x", 'table:number-columns-repeated="9999999"'), "y")), "", "| x |",
     "1 repeated row or cell is left out."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "automatic", "members", "markdown"), [case[1:] for case in READ], ids=[case[0] for case in READ]
)
def test_a_text_says_what_a_person_sees(
    body: str, automatic: str, members: dict[str, str], markdown: str, tmp_path: Path
) -> None:
    parsed = read(tmp_path, made.container("text", body, automatic, members), "a.odt")
    assert parsed.markdown.strip("\n") == markdown
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("body", "automatic", "markdown", "warning"),
    [case[1:] for case in WARNED],
    ids=[case[0] for case in WARNED],
)
def test_what_is_left_out_is_told(
    body: str, automatic: str, markdown: str, warning: str, tmp_path: Path
) -> None:
    parsed = read(tmp_path, made.container("text", body, automatic), "a.odt")
    assert markdown in parsed.markdown
    assert "secret" not in parsed.markdown
    assert "gone" not in parsed.markdown
    assert parsed.warnings == (warning,)


@pytest.mark.parametrize("spoilt", [
    {"Configurations2/accelerator/current.xml": "", "styles.xml": "", "meta.xml": ""},
    {"Basic/page.html": "<p>loose<br>html", "settings.xml": "<broken", "styles.xml": "<broken"},
    {"mimetype": "application/zip"},
    {"mimetype": ""},
])  # fmt: skip
def test_members_that_are_not_needed_do_not_refuse_a_text(spoilt: dict[str, str], tmp_path: Path) -> None:
    parsed = read(tmp_path, made.container("text", p("The letter."), members=spoilt), "a.odt")
    assert (parsed.markdown, parsed.file_type) == ("The letter.\n", "odt")


@pytest.mark.parametrize(("name", "expected"), [("a.ott", "ott"), (None, "odt"), ("letter", "odt")])
def test_a_template_is_a_text(name: str | None, expected: str, tmp_path: Path) -> None:
    data = made.packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text-template",
            "content.xml": made.content("text", p("x")),
        }
    )
    path = tmp_path / "upload"
    path.write_bytes(data)
    assert parse(path, name, Limits()).file_type == expected


def test_a_flat_file_is_read_with_its_title(tmp_path: Path) -> None:
    parsed = read(tmp_path, made.flat("text", h("One") + p("text"), title="Report"), "a.fodt")
    assert (parsed.markdown, parsed.title) == ("# One\n\ntext\n", "Report")


def test_the_title_of_the_properties_is_the_documents(tmp_path: Path) -> None:
    meta = f"<office:document-meta {made.NAMESPACES}><office:meta><dc:title>Report</dc:title></office:meta></office:document-meta>"
    assert (
        read(tmp_path, made.container("text", p("x"), members={"meta.xml": meta}), "a.odt").title == "Report"
    )


def test_a_text_named_as_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="is named as ods but its content is odt"):
        read(tmp_path, made.container("text", p("x")), "a.ods")
