"""PDF files written by hand, object by object, as strangers may send them."""

import zlib


def pdf(*objects: bytes, pages: int = 1) -> bytes:
    """A file of these objects, numbered from 3; 1 is the catalogue, 2 the tree of the first ``pages`` of them."""
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(pages))
    parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages), *objects]
    content, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(parts) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (count, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + end


def page(box: bytes = b"0 0 400 300", extra: bytes = b"") -> bytes:
    """A page, whose content is object 4."""
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R %s >>" % (box, extra)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    """A compressed stream."""
    packed = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), extra, packed)
