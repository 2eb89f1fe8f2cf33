"""Mails, built from their parts."""

import base64

HEAD = "From: Nora <nora@alborada.example>\nTo: luis@alborada.example\nSubject: Notice\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n"


def mail(body: str | bytes = "Body words.", fields: str = "", head: str = HEAD) -> bytes:
    """A mail with the usual headers, further `fields` and a body."""
    end = "" if not fields or fields.endswith("\n") else "\n"
    return (head + fields + end + "\n").encode() + (body if isinstance(body, bytes) else body.encode())


def part(kind: str, body: str | bytes, fields: str = "") -> bytes:
    """A part of a multipart mail; `kind` is the value of its Content-Type, "" for none."""
    end = "" if not fields or fields.endswith("\n") else "\n"
    head = (f"Content-Type: {kind}\n" if kind else "") + fields + end
    return head.encode() + b"\n" + (body if isinstance(body, bytes) else body.encode())


def attached(name: str, kind: str, data: bytes) -> bytes:
    """An attachment in base64."""
    fields = f'Content-Disposition: attachment; filename="{name}"\nContent-Transfer-Encoding: base64\n'
    return part(kind, base64.encodebytes(data), fields)


def joined(*parts: bytes, boundary: str = "B") -> bytes:
    """The body of a multipart."""
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\n" + each + b"\n" for each in parts) + mark + b"--\n"


def multipart(kind: str, *parts: bytes, boundary: str = "B") -> bytes:
    """A multipart mail."""
    fields = f'MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="{boundary}"'
    return mail(joined(*parts, boundary=boundary), fields)


def inner(kind: str, *parts: bytes, boundary: str) -> bytes:
    """A multipart within a multipart."""
    return part(f'multipart/{kind}; boundary="{boundary}"', joined(*parts, boundary=boundary))
