"""Makers of small docx files, from pieces of WordprocessingML as Word and other programs write them."""

from tests.unit.parsers.samples import archive

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
NAMES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": OFFICE,
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
        "wpc": "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)
_KINDS = ("styles", "numbering", "footnotes", "endnotes", "comments", "header", "footer")


def document(body: str, *, main: str = "word/document.xml", **parts: str) -> bytes:
    """A docx with the given body. `parts` are the insides of further parts, by name: `styles`, `footnotes`, `header1`,
    `chart1`, `page1` ..., which the main part refers to by that name as id."""
    folder = main.rpartition("/")[0]
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{_WORD}document.main+xml"/></Types>',
        "_rels/.rels": relations({"d": ("officeDocument", main)}),
        f"{folder}/_rels/{main.rpartition('/')[2]}.rels": relations(
            {name: (_kind(name), _file(name)) for name in parts}
            | {"link": ("hyperlink", "https://deps.example/returns")}
        ),
        main: f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
    }
    for name, inside in parts.items():
        members[f"{folder}/{_file(name)}"] = _part(name, inside)
    return archive({name: text.encode() for name, text in members.items()})


def relations(targets: dict[str, tuple[str, str]]) -> str:
    """A part of relations: kind and target by id."""
    items = ""
    for key, (kind, target) in targets.items():
        outside = ' TargetMode="External"' if "://" in target else ""
        items += f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"{outside}/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'


def _kind(name: str) -> str:
    kind = name.rstrip("0123456789")
    return {"page": "aFChunk", "diagram": "diagramData"}.get(kind, kind)


def _file(name: str) -> str:
    return f"{name}.htm" if name.startswith("page") else f"{name}.xml"


def _part(name: str, inside: str) -> str:
    kind = name.rstrip("0123456789")
    if kind not in _KINDS:
        return inside
    root = {"header": "hdr", "footer": "ftr"}.get(kind, kind)
    return f"<w:{root} {NAMES}>{inside}</w:{root}>"


def text(words: str, form: str = "") -> str:
    """A run, with properties."""
    return run(f'<w:t xml:space="preserve">{words}</w:t>', form)


def run(inside: str, form: str = "") -> str:
    return f"<w:r>{f'<w:rPr>{form}</w:rPr>' if form else ''}{inside}</w:r>"


def paragraph(*inside: str, form: str = "") -> str:
    """A paragraph; what does not begin with "<" is text."""
    pieces = [piece if piece.startswith("<") else text(piece) for piece in inside]
    return f"<w:p>{f'<w:pPr>{form}</w:pPr>' if form else ''}{''.join(pieces)}</w:p>"


def styled(style: str, *inside: str) -> str:
    return paragraph(*inside, form=f'<w:pStyle w:val="{style}"/>')


def numbered(words: str, depth: int = 0, number: int = 1) -> str:
    return paragraph(words, form=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def row(*cells: str, form: str = "") -> str:
    """A table's row; what does not begin with "<" is a cell with that text."""
    made = [item if item.startswith("<") else cell(item) for item in cells]
    return f"<w:tr>{f'<w:trPr>{form}</w:trPr>' if form else ''}{''.join(made)}</w:tr>"


def cell(*inside: str, form: str = "") -> str:
    """A cell; what does not begin with "<" is a paragraph."""
    blocks = [item if item.startswith("<") else paragraph(item) for item in inside] or [paragraph()]
    return f"<w:tc>{f'<w:tcPr>{form}</w:tcPr>' if form else ''}{''.join(blocks)}</w:tc>"


def field(instruction: str, result: str) -> str:
    """A field of several runs."""
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    instructed = run(f"<w:instrText>{instruction}</w:instrText>")
    return mark("begin") + instructed + mark("separate") + text(result) + mark("end")


def drawn(instruction: str) -> str:
    """A field without a stored result."""
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return mark("begin") + run(f"<w:instrText>{instruction}</w:instrText>") + mark("end")


def vml_box(*blocks: str) -> str:
    """A text box as Word 2007 writes it."""
    return run(f"<w:pict><v:shape><v:textbox>{_box(blocks)}</v:textbox></v:shape></w:pict>")


def box(*blocks: str) -> str:
    """A text box as newer programs write it."""
    return run(drawing(shape(*blocks)))


def shape(*blocks: str) -> str:
    return f"<wps:wsp><wps:txbx>{_box(blocks)}</wps:txbx></wps:wsp>"


def _box(blocks: tuple[str, ...]) -> str:
    inside = "".join(block if block.startswith("<") else paragraph(block) for block in blocks)
    return f"<w:txbxContent>{inside}</w:txbxContent>"


def drawing(inside: str, *, floats: bool = True, says: str = "") -> str:
    kind = "anchor" if floats else "inline"
    return (
        f'<w:drawing><wp:{kind}><wp:docPr id="1" name="Drawing 1" descr="{says}"/><a:graphic><a:graphicData>{inside}'
        f"</a:graphicData></a:graphic></wp:{kind}></w:drawing>"
    )


def picture(says: str = "", *, floats: bool = False) -> str:
    """A picture with an alternative text."""
    return run(
        drawing(
            '<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="p"/></pic:nvPicPr></pic:pic>',
            floats=floats,
            says=says,
        )
    )


def alternates(choice: str, fallback: str) -> str:
    return (
        f'<mc:AlternateContent><mc:Choice Requires="wps">{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback>'
        "</mc:AlternateContent>"
    )


def note(key: int, words: str, kind: str = "footnote") -> str:
    return f'<w:{kind} w:id="{key}">{paragraph(run(f"<w:{kind}Ref/>"), " " + words)}</w:{kind}>'


SEPARATORS = (
    '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p/></w:footnote>'
)


def mark(key: int, kind: str = "footnote") -> str:
    return run(f'<w:{kind}Reference w:id="{key}"/>')


def formula(inside: str) -> str:
    return f"<m:oMath>{inside}</m:oMath>"


def sign(words: str) -> str:
    """Text in a formula."""
    return f"<m:r><m:t>{words}</m:t></m:r>"


def levels(*forms: tuple[str, str], key: int = 0, more: str = "") -> str:
    """A list's levels: format and text of each."""
    made = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{shown}"/></w:lvl>'
        for depth, (form, shown) in enumerate(forms)
    )
    return f'<w:abstractNum w:abstractNumId="{key}">{made}</w:abstractNum>'


def used(number: int, key: int = 0, more: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{key}"/>{more}</w:num>'


def style(key: str, name: str, inside: str = "") -> str:
    return f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{inside}</w:style>'


LISTS = (
    levels(("decimal", "%1."), ("lowerLetter", "%2)"), ("lowerRoman", "(%3)"))
    + levels(("decimal", "%1."), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3"), key=1)
    + levels(("bullet", "\uf0b7"), ("bullet", "o"), key=2)
    + levels(("upperRoman", "%1."), ("decimalZero", "%2."), key=3)
    + used(1) + used(2, 1) + used(3, 2) + used(4, 3)
    + used(5, 0, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>')
)  # fmt: skip
STYLES = (
    style("Heading1", "heading 1", '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr>')
    + style("berschrift2", "heading 2", '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="2"/></w:numPr></w:pPr>')
    + style("House", "House style", '<w:basedOn w:val="berschrift2"/>')
    + style("Ttulo3", "Título 3")
    + style("Outline", "Outline", '<w:pPr><w:outlineLvl w:val="3"/></w:pPr>')
    + style("Title", "Title") + style("Subtitle", "Subtitle")
    + style("Items", "List Bullet", '<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr>')
    + style("Secret", "Secret", "<w:rPr><w:vanish/></w:rPr>")
    + '<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>'
)  # fmt: skip
