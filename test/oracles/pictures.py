"""Pictures in every format that is read, and what PIL and torchvision make of them.

Usage: pictures.py FOLDER. FOLDER/tall.png and FOLDER/wide.png are there. Writes FOLDER/pictures.json: "files", each
with its name, its bytes and the RGB pixels that it shows; "fits", what torchvision's resize and center_crop make of the
two; "crops", what center_crop alone does. test/lib/data/picture-files.ts reads it; what is kept lies in
test/oracles/pictures. Exit status 3: a library cannot be imported; the reason is on stderr.
"""

import base64
import io
import json
import os
import random
import sys

try:
    import torch
    from PIL import Image, ImageOps

    try:
        from torchvision.transforms.functional import center_crop, resize
    except RuntimeError:
        # Built for another device than this torch, it lacks its own operators, which these two functions do not need.
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        from torchvision.transforms.functional import center_crop, resize
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

os.chdir(sys.argv[1])
chance = random.Random(5)
WIDTH, HEIGHT, BLOCK = 4, 3, 4


def blocks(mode):
    """Random colours in squares, so that JPEG and AVIF keep them apart."""
    values = bytes(chance.randrange(256) for _ in range(WIDTH * HEIGHT * len(Image.new(mode, (1, 1)).getbands())))
    return Image.frombytes(mode, (WIDTH, HEIGHT), values).resize((WIDTH * BLOCK, HEIGHT * BLOCK), Image.NEAREST)


def text(data):
    return base64.b64encode(data).decode()


files = []


def add(name, image, shown=None, **options):
    """`shown`: its pixels, where PIL does not say them right; else what PIL reads back, upright and over white."""
    stream, ending = io.BytesIO(), name.split(".")[-1]
    image.save(stream, {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending), **options)
    if shown is None:
        read = Image.open(stream)
        clear = read.mode in ("RGBA", "LA") or "transparency" in read.info
        shown = ImageOps.exif_transpose(read)
        if clear:
            shown = shown.convert("RGBA")
            shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
        shown = shown.convert("RGB")
    files.append({"name": name, "file": text(stream.getvalue()), "height": shown.height, "width": shown.width,
                  "pixels": text(shown.tobytes())})


colour, alpha, other = blocks("RGB"), blocks("L"), blocks("RGB")
clear = colour.copy()
clear.putalpha(alpha)
palette = colour.convert("P", palette=Image.ADAPTIVE)
grey, cmyk = colour.convert("L"), blocks("CMYK")
every = {"avif": {"quality": 100, "subsampling": "4:4:4"}, "webp": {"lossless": True, "exact": True},
         "jpg": {"quality": 95, "subsampling": 0}, "png": {}, "tif": {}}
for ending, options in every.items():
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        add(f"orientation-{orientation}.{ending}", colour, exif=exif, **options)
for ending in ("png", "jpg", "tif"):
    add(f"grey.{ending}", grey)
for ending in ("png", "tif"):
    add(f"black-and-white.{ending}", grey.convert("1"))
for ending in ("png", "gif", "tif"):
    add(f"palette.{ending}", palette)
for ending in ("png", "gif"):
    add(f"clear-palette.{ending}", palette, transparency=3)
for ending in ("png", "webp", "tif"):
    add(f"alpha.{ending}", clear, **every[ending])
add("alpha.avif", clear, **every["avif"])
add("grey-alpha.png", clear.convert("LA"))
add("cmyk.jpg", cmyk, quality=100, subsampling=0)
add("cmyk.tif", cmyk)
add("packed.tif", colour, compression="tiff_lzw")
add("lossy.webp", colour, quality=90)
# PIL clips what is deeper than 8 bits; what a screen shows is the upper byte.
values = [257 * i + 77 * (i % 3) for i in range(255)] + [65535]
deep = Image.frombytes("I;16", (16, 16), b"".join(value.to_bytes(2, "little") for value in values))
upper = Image.frombytes("L", (16, 16), deep.tobytes()[1::2]).convert("RGB")
for ending in ("png", "tif"):
    add(f"16-bit.{ending}", deep, upper)
add("moving.gif", palette, save_all=True, append_images=[other.convert("P", palette=Image.ADAPTIVE)])
add("moving.webp", colour, save_all=True, append_images=[other], lossless=True)
add("pages.tif", colour, save_all=True, append_images=[other])

fits, crops = [], []
for name in ("tall", "wide"):
    image = Image.open(f"{name}.png")
    for size in (5, 13, 16, 17, 19, 60):
        fits.append({"name": name, "size": size, "pixels": text(center_crop(resize(image, size), size).tobytes())})
    for height, width in ((10, 11), (12, 10), (11, 8), (9, 13)):
        crops.append({"name": name, "height": height, "width": width,
                      "pixels": text(center_crop(image, (height, width)).tobytes())})

with open("pictures.json", "w") as file:
    file.write("{\n")
    for i, (part, entries) in enumerate((("files", files), ("fits", fits), ("crops", crops))):
        rows = ",\n".join(json.dumps(entry) for entry in entries)
        file.write(f'"{part}": [\n{rows}\n]{"," if i < 2 else ""}\n')
    file.write("}\n")
