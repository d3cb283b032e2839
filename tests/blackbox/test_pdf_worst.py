"""The worst that a PDF file can be: bombs, loops, lies and references to other files. Each costs itself alone, and is told."""

import shutil
import zlib

import pytest

pytestmark = pytest.mark.skipif(shutil.which("pdftohtml") is None, reason="poppler's programs are not installed")

SECRET = "a secret beside the documents"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
HELLO = b"BT /F 12 Tf 72 700 Td (quillwort grows here, and this line is long enough to be read) Tj ET"


def stream(content, entries=b""):
    return b"<< " + entries + b" /Length %d >>\nstream\n" % len(content) + content + b"\nendstream"


def pdf(objects, trailer=b"", first_xref=None):
    """A file of these objects, numbered from 1, of which the first is the catalog."""
    out, places = bytearray(b"%PDF-1.7\n"), []  # appending to bytes copies them
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R " % (len(places) + 1) + trailer.replace(b"HERE", b"%d" % at) + b" >>\n"
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % (at if first_xref is None else first_xref)


def one_page(content, catalog=b"", page=b"", more=(), trailer=b"", font=FONT):
    """`content` is object 4, the font 5, and `more` come from 6 on."""
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> " + page + b" >>",
            content,
            font,
            *more,
        ],
        trailer,
    )


def packed(size, content):
    """`size` bytes of white space and then `content`, packed without ever being there at once."""
    packer = zlib.compressobj(1)
    chunk = b" " * (1 << 20)
    return b"".join([packer.compress(chunk) for _ in range(size >> 20)] + [packer.compress(content), packer.flush()])


def deep_pages(depth):
    kids = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (number + 1, number - 1) for number in range(3, 3 + depth)]
    page = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 612 792] >>" % (2 + depth)
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", *kids, page])


def many_pages(count):
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count] + [page] * count)


def object_stream_of_itself():
    head = b"6 0 7 30 "
    content = head + b"<< /Type /ObjStm /N 2 /First 9 >> << /Extends 6 0 R >>"
    return one_page(stream(HELLO), more=[stream(content, b"/Type /ObjStm /N 2 /First %d /Extends 6 0 R" % len(head)), b"<< /Length 7 0 R >>"])


def form_of_entities(path):
    """XFA, whose XML declares entities that grow, and one that is a file."""
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file://%s"><!ENTITY a "aaaaaaaaaa">' % str(path).encode()
    xml += b"".join(b'<!ENTITY %c "%s">' % (97 + i, b"&%c;" % (96 + i) * 10) for i in range(1, 12))
    xml += b"]><xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><t>&f;&l;</t></xdp:xdp>"
    return one_page(stream(HELLO), catalog=b"/AcroForm << /XFA 6 0 R /Fields [] >>", more=[stream(xml)])


def wide_character_map():
    ranges = b"".join(b"100 beginbfrange\n" + b"<0000> <FFFF> <0041>\n" * 100 + b"endbfrange\n" for _ in range(3000))
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [7 0 R] >>"
    descendant = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (A) /Ordering (I) /Supplement 0 >> >>"
    return one_page(stream(HELLO), font=font, more=[stream(zlib.compress(ranges), b"/Filter /FlateDecode"), descendant])


def cases(folder):
    secret = folder / "secret.txt"
    secret.write_text(SECRET)
    outline = [b"<< /Title (x) /Parent 6 0 R /Next 8 0 R /First 7 0 R >>", b"<< /Title (y) /Parent 6 0 R /Next 7 0 R >>"]
    outside = b"/Contents << /F (%s) /Length 0 >>" % str(secret).encode()
    return {
        "a hundred megabytes of white space": one_page(stream(packed(100 << 20, HELLO), b"/Filter /FlateDecode")),
        "packed twice": one_page(stream(zlib.compress(packed(200 << 20, HELLO), 9), b"/Filter [/FlateDecode /FlateDecode]")),
        "packed a hundred times, it says": one_page(stream(zlib.compress(HELLO), b"/Filter [" + b"/FlateDecode " * 100 + b"]")),
        "runs of one byte": one_page(stream(b"\x81 " * 500_000 + b"\x80", b"/Filter /RunLengthDecode")),
        "its table of objects comes before itself": one_page(stream(HELLO), trailer=b"/Prev HERE"),
        "its table is elsewhere": pdf([b"<< /Type /Catalog >>"], first_xref=1 << 40),
        "objects within themselves": object_stream_of_itself(),
        "as long as itself": one_page(b"<< /Length 4 0 R >>\nstream\n" + HELLO + b"\nendstream"),
        "pages 20,000 deep": deep_pages(20_000),
        "100,000 pages": many_pages(100_000),
        "lists in lists": one_page(stream(HELLO), more=[b"[" * 200_000 + b"]" * 200_000], page=b"/Annots 6 0 R"),
        "a program of brackets": one_page(stream(b"[" * 300_000 + b"<<" * 300_000)),
        "states that are never left": one_page(stream(b"q " * 1_000_000 + HELLO)),
        "contents in a circle": one_page(stream(HELLO), catalog=b"/Outlines 6 0 R", more=[b"<< /First 7 0 R /Last 8 0 R /Count 9 >>", *outline]),
        "entities in a form": form_of_entities(secret),
        "text that is another file": one_page(stream(HELLO), page=outside),
        "a map of characters": wide_character_map(),
        "a page of no size": one_page(stream(HELLO)).replace(b"[0 0 612 792]", b"[1e38 nan -1 0]"),
        "a title of megabytes": one_page(stream(HELLO), trailer=b"/Info 6 0 R", more=[b"<< /Title (" + b"long " * 1_000_000 + b") >>"]),
        "an image of 3,600,000,000 dots": one_page(
            stream(b"q 612 0 0 792 0 0 cm /I Do Q"),
            page=b"/Resources << /XObject << /I 6 0 R >> >>",
            more=[stream(packed(16 << 20, b""), b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /FlateDecode")],
        ),
    }  # fmt: skip


def test_each_costs_itself_alone(project, tmp_path):
    worst = cases(tmp_path)
    for name, content in worst.items():
        project.write(f"docs/{name}.pdf", content)
    project.write("docs/good.pdf", one_page(stream(HELLO)))
    project.write("docs/note.md", "quillwort in a note")
    report = project.add(code=1, timeout=900)
    failed = {failure["path"]: failure["message"] for failure in report["failed"]}
    read = set(project.documents())
    assert {"docs/good.pdf", "docs/note.md"} <= read
    assert read | set(failed) == {f"docs/{name}.pdf" for name in [*worst, "good"]} | {"docs/note.md"}
    assert all(failed.values())
    assert "limit" in failed["docs/100,000 pages.pdf"]
    assert not any("signal" in message for message in failed.values()), failed
    assert not [hit for hit in project.search(SECRET, "-k", "50") if SECRET in hit["text"]]
    assert project.doctor()["ok"]
