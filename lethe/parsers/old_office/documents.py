"""Reads the old formats of Office (doc, ppt) with office-oxide."""

from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.old_office.blocks import BlockWriter, Node, read_blocks
from lethe.parsers.source import Reading, Source


def read_old_word(source: Source) -> Reading:
    """Reads a doc: headers first, footers last, each once; notes follow the text. Raises InputRejected for damage."""
    tree = read_blocks(source, "doc")
    writer, left_out = Writer(source), LeftOut()
    blocks = BlockWriter(writer, left_out)
    _around(tree, "header", blocks, writer)
    for section in tree["sections"]:
        blocks.write(section.get("elements") or ())
    _around(tree, "footer", blocks, writer)
    writer.tell(left_out)
    return writer.reading()


def read_old_slides(source: Source) -> Reading:
    """Reads a ppt. Each slide is a place, followed by its notes; hidden slides are left out.

    Raises InputRejected for a file that cannot be read, and for more slides than `limits.pages`.
    """
    tree = read_blocks(source, "ppt")
    writer, left_out = Writer(source), LeftOut()
    blocks = BlockWriter(writer, left_out, deeper=1)
    slides = tree["sections"]
    if len(slides) > source.limits.pages:
        raise source.rejected(f"has more pages than the limit of {source.limits.pages:,}: split it")
    for number, slide in enumerate(slides, start=1):
        if slide.get("hidden"):
            left_out.name("hidden slide", str(number))
            continue
        elements = slide.get("elements") or []
        writer.place(number)
        if elements and elements[0].get("type") != "heading" and number > 1:
            writer.heading(2, f"Slide {number}")
        blocks.write(elements)
        notes = blocks.flat(slide.get("speaker_notes") or ())
        if notes:
            writer.heading(3, "Notes")
            writer.paragraph(notes)
    writer.tell(left_out)
    return writer.reading(pages=len(slides) or None)


def _around(tree: Node, name: str, blocks: BlockWriter, writer: Writer) -> None:
    """Writes the headers or footers of all sections, equal ones once."""
    parts = [
        section.get(kind)
        for section in tree["sections"]
        for kind in (f"first_page_{name}", name, f"even_page_{name}")
    ]
    for text in dict.fromkeys(blocks.flat(part.get("content") or ()) for part in parts if part):
        writer.paragraph(text)
