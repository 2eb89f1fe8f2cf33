"""Small rtf files, as Word and others write them."""

_HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times New Roman;}{\f1\fcharset204 Arial Cyr;}"
    r"{\f2\fcharset128 MS Mincho;}{\f3\fcharset2 Symbol;}{\f4\fcharset2 Wingdings;}{\f5\fcharset134 SimSun;}}"
    r"{\colortbl;\red0\green0\blue0;}{\stylesheet{\ql Normal;}{\s1\b\outlinelevel0 heading 1;}"
    r"{\s2 heading 2;}{\s3\outlinelevel2\sbasedon0 Titre 3;}{\*\cs10 Default Paragraph Font;}{\s5 Title;}}"
)


def rtf(body: str, head: str = _HEAD) -> bytes:
    """A file; characters outside ASCII are written as bytes of cp1252."""
    return f"{head}{body}}}".encode("cp1252")


def font_of(charset: int, codes: bytes, page: int = 1252) -> bytes:
    """A file with one word in a font of a charset."""
    coded = "".join(f"\\'{code:02x}" for code in codes)
    fonts = rf"{{\fonttbl{{\f0\fcharset0 A;}}{{\f1\fcharset{charset} B;}}}}"
    return rf"{{\rtf1\ansi\ansicpg{page}{fonts}\f0 a {{\f1 {coded}}} z\par}}".encode()


def row(*cells: str, edges: str = "") -> str:
    """A row of a table."""
    defined = edges or "".join(rf"\cellx{1000 * number}" for number in range(1, len(cells) + 1))
    return rf"\trowd{defined}\pard\intbl " + "".join(rf"{cell}\cell " for cell in cells) + "\\row\n"
