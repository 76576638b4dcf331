"""The bytes of a picture that its pixels need. Pillow reads what stands before them in Python: of a file that has a million
comments, fill bytes or chunks there, for as many seconds as it has MiB."""
import re
import struct
import zlib

# Chunks, segments or blocks before the pixels; those of a camera or a plot have some ten, a long profile some hundreds.
PARTS_LIMIT = 20_000
PNG = b"\x89PNG\r\n\x1a\n"
FILL = re.compile(rb"\xff+")
# Fill bytes between the passes, which the decoder begins with again whenever its buffer ends.
LONG_FILL = re.compile(rb"\xff{1000,}")


class TooManyParts(Exception):
    """Of a file that is made to be slow."""


def bare(data):
    """The same picture without what is not looked at. What is none of these is given back as it is; raises TooManyParts,
    and ValueError, IndexError or struct.error where it is damaged."""
    if data[:8] == PNG:
        return bare_png(data)
    if data[:2] == b"\xff\xd8":
        return bare_jpeg(data)
    if data[:4] == b"GIF8":
        return bare_gif(data)
    return data


def bare_png(data):
    """Its size, colours, transparency, way up, and the pixels in one chunk; of an animation the first picture."""
    kept, pixels, at = [PNG], [], 8
    for _ in range(PARTS_LIMIT):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        end = at + 12 + size
        if end > len(data):
            raise ValueError("a chunk that does not end")
        if kind == b"IDAT":
            pixels.append(data[at + 8:end - 4])
        elif kind in (b"IHDR", b"PLTE", b"tRNS", b"eXIf"):
            kept.append(data[at:end])
        elif kind == b"IEND":
            body = b"IDAT" + b"".join(pixels)
            return b"".join([*kept, struct.pack(">I", len(body) - 4), body, struct.pack(">I", zlib.crc32(body)), data[at:end]])
        at = end
    raise TooManyParts()


def bare_jpeg(data):
    """Tables, sizes, the first EXIF (it knows the way up) and Adobe's colours before the pixels."""
    kept, seen, at = [b"\xff\xd8"], False, 2
    for _ in range(PARTS_LIMIT):
        fill = FILL.match(data, at)
        if fill is None:
            raise ValueError("no marker where one must be")
        at = fill.end()
        marker = data[at]
        if marker == 0xDA:
            return b"".join([*kept, b"\xff", LONG_FILL.sub(b"\xff", data[at:])])
        if marker in (0x01, 0xD8) or 0xD0 <= marker <= 0xD7:
            at += 1
            continue
        end = at + 1 + struct.unpack(">H", data[at + 1:at + 3])[0]
        exif = marker == 0xE1 and not seen and data[at + 3:at + 9] == b"Exif\0\0"
        seen = seen or exif
        if exif or marker == 0xEE or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(b"\xff" + data[at:end])
        at = end
    raise TooManyParts()


def bare_gif(data):
    """Colours and the first picture with its transparency."""
    at = 13 + (3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 0)
    kept, parts = [data[:at]], 0
    while data[at] == 0x21:
        start, label, at = at, data[at + 1], at + 2
        while data[at]:
            at += 1 + data[at]
            parts += 1
            if parts > PARTS_LIMIT:
                raise TooManyParts()
        at += 1
        parts += 1
        if label == 0xF9:
            kept.append(data[start:at])
    return b"".join([*kept, data[at:]])
