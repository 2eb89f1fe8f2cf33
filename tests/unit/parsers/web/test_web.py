"""Web pages as people and programs write them: what a browser shows of them is read."""

import pytest

from tests.unit.parsers.web.reading import read

POWER = "<math><msup><mi>x</mi><mn>2</mn></msup></math>"

LINES = {
    "raised": (
        "10<sup>6</sup> cells, 100<sup>2</sup>=10000, a price<sup>1</sup>",
        "10^6^ cells, 100^2^=10000, a price^1^",
    ),
    "lowered": ("H<sub>2</sub>O", "H~2~O"),
    "ordinals": ("the 1<sup>st</sup>", "the 1st"),
    "struck": (
        "now <del>100 EUR</del> <ins>80 EUR</ins>, <s>a</s> <strike>b</strike>",
        "now ~~100 EUR~~ 80 EUR, ~~a~~ ~~b~~",
    ),
    "bold and italic": ("<b>a</b> <i>b</i> <strong><em>c</em></strong>", "**a** *b* ***c***"),
    "a part of a word": ("so<b>me</b>thing", "something"),
    "signs of mathematics": ("x&lt;y &amp;&amp; y&gt;1, AT&T", "x<y && y>1, AT&T"),
    "a tag as text": ("use &lt;b&gt; here", r"use \<b> here"),
    "numbers of windows": ("&#150; &#x80; &#8364;", "– € €"),
    "entities": ("caf&eacute; &copy &notit; &NotEqualTilde;", "café © ¬it; ≂̸"),
    "spaces that do not break": ("10&nbsp;EUR&nbsp;&nbsp;net", "10 EUR net"),
    "hyphens that are not shown": ("co&shy;operate <wbr>wo<wbr>rd", "cooperate word"),
    "spaces and line ends": ("a\n\n   b\t<b> c</b>  d", "a b **c** d"),
    "elements of a line": ("<span>a</span><span>b</span> <font>c</font><u>d</u><small>e</small>", "ab cde"),
    "blocks by style": ("a<span style='color:red; display: block'>b</span>c", "a\n\nb\n\nc"),
    "unknown elements": ("a<o:p>b</o:p><foo>c</foo> d<my-box>e</my-box>f", "abc d e f"),
    "lines": ("a<br>b<br/>  c", "a\nb\nc"),
    "empty lines": ("a<br><br>b", "a\n\nb"),
    "a rule": ("a<hr>b", "a\n\nb"),
    "quotes": ("she said <q>yes</q>", "she said “yes”"),
    "readings": ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字<rt>ji</rt></ruby> x", "漢字(kanji) x"),
    "an image": ("a<img src=x alt='a lamp'>b", "a a lamp b"),
    "an image that says nothing": ("a<img src=x alt=''>b", "ab"),
    "an image with its file's name": ("a<img src='i/x.png' alt='OPS/i/x.png' title='a lamp'>b", "a a lamp b"),
    "a drawing": (
        "<svg><title>Chart</title><text>Sales <tspan>2026</tspan></text></svg>",
        "Chart Sales 2026",
    ),
    "a comment": ("a<!-- no --><!--[if mso]><p>no</p><![endif]-->b<!-->c", "abc"),
    "a comment that ends at once": ("a<!--->b", "ab"),
    "a script": ("a<script>document.write('<p>no')</script><style>p{}</style>b", "ab"),
    "what scripts show instead": ("a<noscript>no</noscript><template>no</template>b", "ab"),
    "a shadow tree": (
        "<my-a><template shadowrootmode=open><p>one<my-b><template shadowrootmode=open>two</template></my-b>"
        "<slot></slot></template>three</my-a>",
        "one two\n\nthree",
    ),
    "a field": (
        "Name: <input value='Joe'><input type=hidden value=no><input type=password value=no>",
        "Name: Joe",
    ),
    "choices": ("<input type=checkbox checked> yes <input type=radio> no", "[x] yes [ ] no"),
    "a list of choices": ("<select><option>Red<option>Blue</select>", "Red, Blue"),
    "buttons": ("<button>Send</button><button>Stop</button><input type=submit value=Go>", "Send Stop Go"),
    "an area of text": ("a<textarea>\none\ntwo</textarea>b", "a\n\none\ntwo\n\nb"),
    "a link": ("<a href='https://x.example/?a=(1)'>site</a>", "[site](https://x.example/?a=%281%29)"),
    "a link to itself": ("<a href='https://x.example/'>https://x.example</a>", "https://x.example"),
    "a link within": (
        "<a href='#top'>top</a> <a href='/rel'>rel</a> <a href='javascript:x()'>js</a>",
        "top rel js",
    ),
    "a link by its base": (
        "<base href='https://x.example/d/'><a href='../p'>p</a>",
        "[p](https://x.example/p)",
    ),
    "a link that is none": ("<base href='https://x.example/'><a href='http://[x'>p</a>", "p"),
    "a mail address": ("<a href='mailto:a@b.example'>write</a>", "[write](mailto:a@b.example)"),
    "data in an address": (
        "a <img src='data:image/png;base64,AAAA'><a href='data:text/plain,no'>b</a>",
        "a b",
    ),
    "a summary": ("<details><summary>More</summary>Body</details>", "More\n\nBody"),
    "a figure": ("<figure><img alt='A lamp'><figcaption>Lit</figcaption></figure>", "A lamp\n\nLit"),
    "a heading": ("<h2>Over <b>all</b><br>of it</h2>x", "## Over **all** of it\n\nx"),
    "paragraphs without ends": ("<p>a<p>b<div>c</div>d", "a\n\nb\n\nc\n\nd"),
    "no heading": ("# not a heading", r"\# not a heading"),
    "code": ("<pre>\nfor x:\n    <b>do</b>(x) # &lt;p>\n\n</pre>", "```\nfor x:\n    do(x) # <p>\n```"),
    "code with fences": ("<pre>```</pre>", "````\n```\n````"),
    "code in an item": ("<ul><li>a<pre>b\nc</pre></ul>", "- a\n\n```\nb\nc\n```"),
    "a list": ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "- a\n- b\n  - c\n- d"),
    "a list in a list": ("<ol><li>a<ol><li>b<ul><li>c</ul></ol><li>d</ol>", "1. a\n   1. b\n      - c\n2. d"),
    "a start": ("<ol start=3><li>c<li value=7>g<li>h</ol>", "3. c\n7. g\n8. h"),
    "backwards": ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
    "letters": ("<ol type=a start=26><li>z<li>next</ol>", "- z. z\n- aa. next"),
    "figures of Rome": ("<ol type=I start=4><li>x</ol>", "- IV. x"),
    "paragraphs in an item": ("<ul><li><p>a<p>b<li>c</ul>", "- a\n  b\n- c"),
    "a heading in an item": ("<ul><li><h3>T</h3>text</ul>", "### T\n\ntext"),
    "terms": ("<dl><dt>T<dd>said<dd>more<dt>U<dd>x</dl>", "- T\n  - said\n  - more\n- U\n  - x"),
    "an item without a list": ("<li>a<li>b", "- a\n- b"),
    "a fraction": (
        "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac></math>",
        "(a + b)/c",
    ),
    "a power": (
        "<math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><msub><mi>y</mi><mi>i</mi></msub></math>",
        "x^2^ = y~i~",
    ),
    "a root": ("<math><msqrt><mi>x</mi></msqrt></math>", "√(x)"),
    "a formula in two languages": (
        "<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>\\no</annotation></semantics></math>",
        "x",
    ),
    "a formula of KaTeX": (
        f"<span class=katex><span class=katex-mathml>{POWER}</span><span class=katex-html aria-hidden=true>x2</span></span>",
        "x^2^",
    ),
    "a formula of KaTeX that is only drawn": (
        "<span class=katex><span class=katex-html aria-hidden=true>x2</span></span>",
        "x2",
    ),
    "a formula of MathJax": (
        f"<span class=MathJax><nobr aria-hidden=true>x2</nobr><span class=MJX_Assistive_MathML>{POWER}</span></span>",
        "x^2^",
    ),
    "a formula of MediaWiki": (
        f"<span class=mwe-math-element><span class=mwe-math-mathml-inline>{POWER}</span><img alt='{{x^{{2}}}}'></span>",
        "x^2^",
    ),
    "a frame with its page": ("a<iframe srcdoc='&lt;p&gt;inner&lt;/p&gt;'></iframe>b", "a\n\ninner\n\nb"),
    "broken tags": ("a<b<i>x</i></b>< c <3 d", "ax< c <3 d"),
    "ends without beginnings": ("</p></div>a</b></table>b", "ab"),
    "formats that cross": ("<b>a <i>b</b> c</i>", "**a** ***b*** *c*"),
    "nothing between a format": ("<b></b><b> </b>a", "a"),
    "CDATA in HTML": ("a<![CDATA[no]]>b", "ab"),
    "notes": (
        "<p>a<a role='doc-noteref' href='#n'><sup>1</sup></a></p><p>b</p><ol><li id=n>note <a role='doc-backlink' href='#r'>↩</a></ol>",
        "a[^1]\n\n[^1]: note\n\nb",
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_a_page_is_read_as_a_browser_shows_it(case: str) -> None:
    page, shown = LINES[case]
    assert read(page).markdown == shown + "\n"


GERMAN, RUSSIAN = "<p>Größe 10 €</p>", "<p>Привет, мир</p>"
ENCODINGS = {
    "of a script": ('<script charset="windows-1251" src="x.js"></script>' + GERMAN, "utf-8"),
    "in a script": ('<script>var a = "charset=koi8-r"</script>' + GERMAN, "utf-8"),
    "of a form": ('<form accept-charset="ISO-8859-1"></form>' + GERMAN, "utf-8"),
    "of a link": ('<link charset="windows-1251">' + GERMAN, "utf-8"),
    "in a comment": ('<!-- <meta charset="windows-1251"> -->' + GERMAN, "utf-8"),
    "in the text": ("<p>charset=windows-1251</p>" + GERMAN, "utf-8"),
    "of an XML declaration": (
        '<?xml version="1.0" encoding="windows-1251"?><html><body>' + RUSSIAN,
        "cp1251",
    ),
    "of a meta": ("<meta charset=windows-1251>" + RUSSIAN, "cp1251"),
    "of an old meta": (
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; CHARSET=koi8-r">' + RUSSIAN,
        "koi8-r",
    ),
    "of a meta after a long head": ("<!--" + "x" * 5000 + "--><meta charset='cp1251'>" + RUSSIAN, "cp1251"),
    "of windows called latin": ("<meta charset=iso-8859-1>" + GERMAN, "cp1252"),
    "of a meta that lies": ("<meta charset=utf-8>" + GERMAN * 20, "cp1252"),
    "of a meta that is unknown": ("<meta charset=none>" + GERMAN, "utf-8"),
    "of a meta that cannot be": ("<meta charset=utf-16>" + GERMAN, "utf-8"),
    "by a mark": ("<meta charset=koi8-r>" + GERMAN, "utf-8-sig"),
    "by a mark of two bytes": (GERMAN, "utf-16"),
    "shift_jis": ("<meta charset=x-sjis><p>日本語</p>", "cp932"),
    "gbk called gb2312": ("<meta charset=gb2312><p>镕基</p>", "gbk"),
}


@pytest.mark.parametrize("case", ENCODINGS)
def test_an_encoding_is_that_which_the_page_declares_where_it_may(case: str) -> None:
    page, encoding = ENCODINGS[case]
    words = page[page.rindex("<p>") + 3 : page.rindex("</p>")]
    assert words in read(page.encode(encoding)).markdown


def test_a_byte_that_is_not_of_the_declared_encoding_spoils_nothing_else_and_is_told() -> None:
    parsed = read(b"<meta charset=utf-8><p>caf\xc3\xa9 \xe9 end</p>")
    assert parsed.markdown == "café \ufffd end\n"
    assert parsed.warnings == ("1 byte of the text could not be read as utf-8: U+FFFD replaces it.",)


@pytest.mark.parametrize(
    ("page", "warnings"),
    [
        (
            "a<img src=x><img src=y><img src=z alt=''>",
            ("2 images have no readable text: text recognition (OCR) is not available.",),
        ),
        ("a<img src=x width=1 height=1>", ()),
        (
            "a<iframe src='https://x.example'></iframe><video>b</video>",
            ("1 embedded frame is left out.", "1 embedded video is left out."),
        ),
        ("a<iframe src='about:blank'></iframe>", ()),
    ],
)
def test_what_is_left_out_is_told_and_nothing_else(page: str, warnings: tuple[str, ...]) -> None:
    parsed = read(page)
    assert parsed.markdown == "a\n"
    assert parsed.warnings == warnings


@pytest.mark.parametrize(
    "page",
    [
        "<body hidden>a",
        "<body style='visibility:hidden'>a",
        "<div hidden>a</div>",
        "<p hidden=until-found>a",
        "<dialog>a</dialog>",
        "<div style='display:none'>a</div>",
    ],
)
def test_what_a_click_or_a_script_would_show_is_read(page: str) -> None:
    parsed = read(page)
    assert parsed.markdown == "a\n"
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    "page",
    ["<title> A &amp; B </title>x", "<svg><title>no</title></svg><p>x"],
)
def test_the_title_is_that_of_the_window(page: str) -> None:
    assert read(page).title == ("A & B" if "B" in page else None)


XHTML = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head><body>{}</body></html>'
)


@pytest.mark.parametrize(
    "start",
    ["", '<?xml version="1.0"?>', '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">\n'],
)
def test_in_xhtml_elements_end_themselves_and_cdata_is_text(start: str) -> None:
    assert read(start + XHTML.format("<a id='x'/><i/>a <![CDATA[<b> & c]]>")).markdown == "a \\<b> & c\n"
