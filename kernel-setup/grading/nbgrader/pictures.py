"""Pictures of a student's notebook: plots as they were saved, photographs drawn again from their pixels, and words for the rest."""
import base64
import binascii
import io
import struct

from picture_bytes import PARTS_LIMIT, PNG, TooManyParts, bare

FILE_LIMIT = 16 << 20
NOTEBOOK_LIMIT = 24 << 20
PIXEL_LIMIT = 50_000_000
# Of one notebook: a second of work for each ten million.
PIXELS_LIMIT = 150_000_000
# Of one notebook's plots, which the browser draws: the sheets have some ten million in all.
PLOTTED_LIMIT = 200_000_000
# A JPEG that is seen coming sharper has some ten; each takes as long as a whole picture.
SCANS_LIMIT = 100
SIDE = 2000
# Of one notebook, where a page of tens of thousands of outputs, or of millions of characters, takes minutes.
OUTPUTS_LIMIT = 1_000
PRINTED_LIMIT = 400_000
ATTACHMENTS_LIMIT = 200
# Pillow reads many more, some by programs of others.
PHOTOGRAPHS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")


class NotShown(Exception):
    """Why a picture is not shown; a few words."""


def joined(text):
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def size_of(encoded):
    """Width and height of a PNG in base64."""
    return struct.unpack(">II", base64.b64decode(encoded[:48])[16:24])


class Pictures:
    """What one notebook may still bring."""

    def __init__(self):
        self.left, self.pixels, self.plotted = NOTEBOOK_LIMIT, PIXELS_LIMIT, PLOTTED_LIMIT
        self.outputs, self.printed, self.attachments = OUTPUTS_LIMIT, PRINTED_LIMIT, ATTACHMENTS_LIMIT

    def of(self, bundle):
        """(MIME type, base64) of the best picture in a bundle of MIME types. Raises NotShown; None where it has none."""
        kinds = [kind for kind in bundle if isinstance(kind, str) and kind.startswith("image/")] if isinstance(bundle, dict) else []
        if not kinds:
            return None
        kind = next((each for each in ("image/png", "image/jpeg") if each in kinds), kinds[0])
        mime, encoded = self.drawn(kind, bundle[kind])
        if len(encoded) > self.left:
            raise NotShown("the notebook has more than %d MiB of pictures" % (NOTEBOOK_LIMIT >> 20))
        self.left -= len(encoded)
        return mime, encoded

    def drawn(self, kind, value):
        if "svg" in kind:
            raise NotShown("an SVG drawing is not shown here: paste it as PNG or JPEG")
        try:
            data = base64.b64decode("".join(joined(value).split()), validate=True)
        except (binascii.Error, ValueError):
            raise NotShown("its data is damaged")
        if not data:
            raise NotShown("its data is damaged")
        if len(data) > FILE_LIMIT:
            raise NotShown("it has more than %d MiB" % (FILE_LIMIT >> 20))
        try:
            data = bare(data)
        except TooManyParts:
            raise NotShown("it is made of more than %d parts" % PARTS_LIMIT)
        except (ValueError, IndexError, struct.error):
            raise NotShown("its data is damaged")
        if data[:8] == PNG and data[12:16] == b"IHDR" and len(data) >= 33:
            width, height = struct.unpack(">II", data[16:24])
            # A plot: hundreds of them are quicker taken as they are.
            if 0 < width <= SIDE and 0 < height <= SIDE:
                self.plotted -= width * height
                if self.plotted < 0:
                    raise NotShown("the notebook's plots have more than %d million pixels" % (PLOTTED_LIMIT // 1_000_000))
                return "image/png", base64.b64encode(data).decode("ascii")
        return "image/jpeg", self.photograph(data)

    def photograph(self, data):
        """As JPEG, upright, on white, at most SIDE pixels wide and high: nothing of the file but what is seen."""
        # Slow to load, and most notebooks have none.
        from PIL import Image, ImageOps, UnidentifiedImageError

        Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT
        if data[:2] == b"\xff\xd8" and data.count(b"\xff\xda") > SCANS_LIMIT:
            raise NotShown("it is saved in more than %d passes" % SCANS_LIMIT)
        try:
            with Image.open(io.BytesIO(data), formats=PHOTOGRAPHS) as image:
                # Pillow reads these in Python, byte by byte: a kilobyte may take ten seconds.
                if any(tile[0] == "bmp_rle" for tile in image.tile):
                    raise NotShown("it is a compressed BMP")
                pixels = image.width * image.height
                if pixels > PIXEL_LIMIT:
                    raise NotShown("it has more than %d million pixels" % (PIXEL_LIMIT // 1_000_000))
                # Also where nothing comes of it, it takes its time.
                self.pixels -= max(pixels, 1_000_000)
                if self.pixels < 0:
                    raise NotShown("the notebook's photographs have more than %d million pixels" % (PIXELS_LIMIT // 1_000_000))
                image.draft("RGB", (SIDE, SIDE))
                if image.mode.startswith("I"):
                    # A scan of 65,536 greys, of which all above 255 would be white.
                    image = image.convert("I").point(lambda grey: grey / 256).convert("L")
                image.thumbnail((SIDE, SIDE))
                seen = ImageOps.exif_transpose(image).convert("RGBA")
                page = Image.new("RGB", seen.size, "white")
                page.paste(seen, mask=seen.getchannel("A"))
                file = io.BytesIO()
                page.save(file, "JPEG", quality=85)
                return base64.b64encode(file.getvalue()).decode("ascii")
        except UnidentifiedImageError:
            raise NotShown("it is not a PNG, JPEG, GIF, WebP or BMP picture")
        except Image.DecompressionBombError:
            raise NotShown("it has more than %d million pixels" % (PIXEL_LIMIT // 1_000_000))
        except NotShown:
            raise
        except Exception:
            # Whatever a damaged file makes a decoder say.
            raise NotShown("its data is damaged")
