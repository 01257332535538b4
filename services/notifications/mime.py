"""Compose mails as bytes: read by a parser they are what the `email` package would make, at many times the cost."""

import binascii
import re
from collections.abc import Mapping
from email.header import Header

MAX_LINE = 998  # bytes, RFC 5322, 2.1.1
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")
MULTIPART_BOUNDARY = "=_alternative"  # which no part can contain, for in quoted-printable a "=" is followed by digits
PART_HEADER_TEMPLATE = (
    "\r\n--{}\r\nContent-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
)
PLAIN_PART_HEADER, HTML_PART_HEADER = (
    PART_HEADER_TEMPLATE.format(MULTIPART_BOUNDARY, subtype).encode() for subtype in ("plain", "html")
)
CLOSING_BOUNDARY = f"\r\n--{MULTIPART_BOUNDARY}--\r\n".encode()


def compose_mail(headers: Mapping[str, str], text: str, html: str) -> bytes:
    """A mail of both, with these headers: ASCII, in lines that end with CRLF.

    A header may hold an address only if that is ASCII.

    Raises:
        ValueError: A header holds a line break or another control character.
    """
    structure = {"MIME-Version": "1.0", "Content-Type": f'multipart/alternative; boundary="{MULTIPART_BOUNDARY}"'}
    lines = "".join(f"{name}: {_encode_header(value)}\r\n" for name, value in {**headers, **structure}.items())
    return b"".join(
        (
            lines.encode("ascii"),
            PLAIN_PART_HEADER,
            _quoted_printable(text),
            HTML_PART_HEADER,
            _quoted_printable(html),
            CLOSING_BOUNDARY,
        )
    )


def _encode_header(value: str) -> str:
    """In one line if it is ASCII, since not every receiver knows a Message-ID again that was folded."""
    if CONTROL_CHARACTERS.search(value):
        raise ValueError("a header holds a control character")
    if value.isascii() and len(value) < MAX_LINE - 50:
        return value
    return Header(value, "utf-8", maxlinelen=75).encode(linesep="\r\n")


def _quoted_printable(text: str) -> bytes:
    lines = b"\n".join((*text.encode().splitlines(), b""))  # every kind of line break is one
    return binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")
