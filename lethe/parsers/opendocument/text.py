"""OpenDocument text (odt, ott, fodt)."""

from lethe.parsers.markdown.writer import Writer
from lethe.parsers.opendocument.body.flow import Flow
from lethe.parsers.opendocument.masters import Masters, running_texts
from lethe.parsers.opendocument.package.document import Document
from lethe.parsers.opendocument.package.elements import below, read_tree, words
from lethe.parsers.opendocument.package.parts import Package
from lethe.parsers.opendocument.package.styles import Styles
from lethe.parsers.source import Reading, Source


def read_open_text(source: Source) -> Reading:
    """Reads the headers of the pages in use, the text with its notes, then the footers."""
    package = Package(source)
    root = read_tree(source, package.content)
    body = below(root, "office:body", "office:text")
    if body is None:
        raise source.rejected("is damaged: it contains no text document")
    shared = root if package.flat else package.styles
    named = below(shared, "office:styles")
    running = below(shared, "office:automatic-styles")
    styles = Styles(named, root.find("office:automatic-styles"))
    document, writer = Document(package), Writer(source)
    document.prepare(body)
    masters = Masters(below(shared, "office:master-styles"))
    pages = masters.used_in(body, styles)
    flow, margins = Flow(document, styles, writer), Flow(document, Styles(named, running), writer)
    for text in running_texts(margins, pages, "header"):
        writer.paragraph(text)
    flow.blocks(body)
    for text in running_texts(margins, pages, "footer"):
        writer.paragraph(text)
    flow.notes()
    writer.tell(document.left_out)
    title = words(below(root, "office:meta", "dc:title")) if package.flat else package.title
    return writer.reading(title)
