"""Pictures that carry more than pixels, are two files at once, or cost more to open than to send."""

from __future__ import annotations

import functools
import io
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from yancheng_childcare.files.intake import IntakeResult

from .kinds import HARMLESS, HostileFile, bare
from .makers import CANARY, EICAR, EXE, MEGABYTE, PHP, SCRIPT, archive, chunk, jpeg_with, picture, png_of, png_with

XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + CANARY


def exif() -> Image.Exif:
    """Where, when and with what a photo was taken."""
    found = Image.Exif()
    found[0x010F] = "canary-7f3a-camera"
    found[0x9003] = "2026:11:23 08:00:00"
    place = found.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (33.0, 20.0, 51.0), "E", (120.0, 9.0, 47.0)
    return found


def png_text() -> bytes:
    """Places in every kind of text chunk."""
    text = PngInfo()
    text.add_text("GPSLatitude", "33.3474 canary-7f3a")
    text.add_text("GPSLongitude", "120.1633 canary-7f3a", zip=True)
    text.add_itxt("XML:com.adobe.xmp", "<xmp>canary-7f3a</xmp>", "zh", "地点")
    return picture("PNG", pnginfo=text)


def png_palette() -> bytes:
    """A palette that spells a script: a plain copy of the palette would keep it word for word."""
    image = Image.new("P", (64, 48))
    image.putpalette((PHP + SCRIPT).ljust(768, b"\0"))
    image.putdata([n % 256 for n in range(64 * 48)])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def frames(form: str) -> bytes:
    """Two pictures in one: the second is not seen at a first look."""
    out = io.BytesIO()
    first, second = Image.new("RGB", (64, 48), "white"), Image.new("RGB", (64, 48), "red")
    first.save(out, form, save_all=True, append_images=[second])
    return out.getvalue()


def deep_grey() -> bytes:
    """16 bits of grey: the reading must not turn it white."""
    return png_of(64, 48, (b"\0" + b"\x80\x00" * 64) * 48, bits=16)


def still_grey(result: IntakeResult) -> None:
    """The middle grey is still one."""
    bare("L")(result)
    with Image.open(io.BytesIO(result.data)) as read:
        assert read.getpixel((0, 0)) == 128


def scan_bomb() -> bytes:
    """25 million pixels and 5,000 scans: hours of work in 300 kB."""
    out = io.BytesIO()
    Image.new("L", (2_000, 2_000)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 5_000 + b"\xff\xd9"


def chunk_flood() -> bytes:
    """One and a half million chunks to step through."""
    one = chunk(b"abCd", b"")
    return png_with(one * (18 * MEGABYTE // len(one)))


@functools.cache
def packed_text(size: int) -> bytes:
    """Text that unpacks to `size`."""
    return zlib.compress(b"a" * size, 9)


def wrong_size(data: bytes) -> bytes:
    """A JPEG whose header claims 65,500 × 65,500 pixels."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + b"\xff\xdc\xff\xdc" + data[at + 9 :]


def damaged_png() -> bytes:
    """A PNG whose pixels do not match their checksum."""
    data = bytearray(picture("PNG"))
    data[data.index(b"IDAT") + 6] ^= 0xFF
    return bytes(data)


def harmless(name: str, filename: str, build: object, tries: str, check: object = None) -> HostileFile:
    """A picture that gets in as nothing but a picture."""
    return HostileFile(name, filename, build, tries, HARMLESS, check or bare())  # type: ignore[arg-type]


PICTURES = [
    harmless("jpg-gps", "照片.jpg", lambda: picture(exif=exif()), "place, time and camera in EXIF"),
    harmless("jpg-xmp", "照片.jpg", lambda: jpeg_with((0xE1, XMP)), "XMP packet"),
    harmless("jpg-iptc", "照片.jpg", lambda: jpeg_with((0xED, b"Photoshop 3.0\0" + CANARY)), "IPTC block"),
    harmless("jpg-profile", "照片.jpg", lambda: picture(icc_profile=CANARY * 9), "rubbish as colour profile"),
    harmless("jpg-php-comment", "照片.jpg", lambda: jpeg_with((0xFE, PHP)), "PHP in the comment"),
    harmless("jpg-html-comment", "照片.jpg", lambda: jpeg_with((0xFE, SCRIPT)), "page in the comment"),
    harmless("gifar", "照片.jpg", lambda: picture() + archive({"A.class": CANARY}), "JPEG and archive (GIFAR)"),
    harmless("jpg-exe", "照片.jpg", lambda: picture() + EXE, "program behind a JPEG"),
    harmless("jpg-html", "照片.jpg", lambda: picture() + SCRIPT, "page behind a JPEG"),
    harmless("jpg-motion", "照片.jpg", lambda: picture() + MP4, "film behind a photo (motion photo)"),
    harmless("jpg-two-pictures", "照片.jpg", lambda: frames("MPO"), "second photo inside the first (MPO)"),
    harmless("jpg-cmyk", "照片.jpg", lambda: picture(mode="CMYK"), "print colours", bare("RGB")),
    harmless(
        "eicar-behind-jpg-unscanned", "照片.jpg", lambda: picture() + EICAR, "EICAR behind a photo, no scanner: cut off"
    ),
    harmless("png-zip", "照片.png", lambda: picture("PNG") + archive({"a": CANARY}), "PNG and archive"),
    harmless("png-html", "照片.png", lambda: picture("PNG") + SCRIPT, "page behind a PNG"),
    harmless("png-text-gps", "照片.png", png_text, "places in tEXt, zTXt and iTXt"),
    harmless("png-exif-gps", "照片.png", lambda: picture("PNG", exif=exif()), "place in eXIf"),
    harmless("png-private-chunk", "照片.png", lambda: png_with(chunk(b"prVt", EXE + CANARY)), "program in a chunk"),
    harmless("png-palette-script", "照片.png", png_palette, "script spelled by the palette", bare("RGB")),
    harmless("png-animated", "照片.png", lambda: frames("PNG"), "second picture as animation"),
    harmless("png-16-bit", "扫描.png", deep_grey, "16 bits a pixel", still_grey),
    harmless(
        "png-long-pixels",
        "照片.png",
        lambda: png_of(64, 48, (b"\0" + b"\0" * 64) * 48 + b"\0" * 60 * MEGABYTE),
        "60 MB of pixels behind the last row",
        bare("L"),
    ),
    HostileFile(
        "png-pixel-bomb",
        "照片.png",
        lambda: png_of(30_000, 30_000, b"\0" * 3_751 * 30_000, bits=1),
        "900 million pixels in 110 kB",
        "FILE-008",
    ),
    HostileFile(
        "png-claimed-bomb", "照片.png", lambda: png_of(2**31 - 1, 2**31 - 1, b""), "claims 4 × 10¹⁸ pixels", "FILE-008"
    ),
    HostileFile("jpg-claimed-bomb", "照片.jpg", lambda: wrong_size(picture()), "claims 4 billion pixels", "FILE-008"),
    HostileFile(
        "png-30-megapixels", "照片.png", lambda: picture("PNG", (6_000, 5_000), "1"), "too many pixels", "FILE-008"
    ),
    HostileFile("jpg-scan-bomb", "照片.jpg", scan_bomb, "5,000 scans of one picture", "FILE-022"),
    HostileFile("png-chunk-flood", "照片.png", chunk_flood, "1.5 million chunks", "FILE-022"),
    HostileFile(
        "png-text-bomb",
        "照片.png",
        lambda: png_with(chunk(b"zTXt", b"a\0\0" + packed_text(900_000)) * 90),
        "90 packed texts of 900 kB",
        "FILE-009",
    ),
    HostileFile(
        "png-profile-bomb",
        "照片.png",
        lambda: png_with(chunk(b"iCCP", b"a\0\0" + packed_text(50_000_000))),
        "colour profile of 50 MB in 50 kB",
        "FILE-009",
    ),
    HostileFile("jpg-truncated", "照片.jpg", lambda: picture(size=(640, 480))[:-200], "cut off", "FILE-009"),
    HostileFile("jpg-only-start", "照片.jpg", lambda: b"\xff\xd8\xff" + b"\0" * 50, "first bytes only", "FILE-009"),
    HostileFile("png-truncated", "照片.png", lambda: picture("PNG")[:60], "cut off", "FILE-009"),
    HostileFile("png-damaged", "照片.png", damaged_png, "checksum wrong", "FILE-009"),
    HostileFile("png-no-pixels", "照片.png", lambda: png_of(0, 0, b""), "0 × 0 pixels", "FILE-009"),
    HostileFile("png-shifted", "照片.png", lambda: b"x" + picture("PNG"), "one byte before the start", "FILE-006"),
    HostileFile("jpg-shifted", "照片.jpg", lambda: b"\0" * 9 + picture(), "junk before the start", "FILE-006"),
]
