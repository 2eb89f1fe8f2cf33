"""E-books, built from their chapters."""

from tests.unit.parsers import samples

CONTAINER = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="{}"/></rootfiles></container>'
PAGE = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{0}</title></head><body>{1}</body></html>'


def page(body: str, title: str = "") -> bytes:
    """A chapter."""
    return PAGE.format(title, body).encode()


def item(name: str, href: str, media_type: str = "application/xhtml+xml", more: str = "") -> str:
    """A file in the list of the book's files."""
    return f'<item id="{name}" href="{href}" media-type="{media_type}" {more}/>'


def package(items: str, order: str, title: str = "The book") -> bytes:
    """The list of the book's files, and the order of its chapters as `<itemref>`s or as names with spaces."""
    if "<" not in order:
        order = "".join(f'<itemref idref="{name}"/>' for name in order.split())
    return (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    ).encode()


def book(items: str, order: str, members: dict[str, bytes], path: str = "O/c.opf") -> bytes:
    """An epub; the members are beside the package in O/ unless their names begin with a slash."""
    placed = {name[1:] if name.startswith("/") else f"O/{name}": data for name, data in members.items()}
    whole = {"META-INF/container.xml": CONTAINER.format(path).encode(), path: package(items, order)} | placed
    return samples.archive(whole, first=("mimetype", b"application/epub+zip"))


def one_chapter(href: str, member: str, body: str = "<p>Words of the chapter.</p>") -> bytes:
    """An epub of one chapter, with the name that its list gives it and the name that it has."""
    return book(item("a", href), "a", {member: page(body)})
