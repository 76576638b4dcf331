"""Takes TensorFlow's C library out of a PyPI wheel: extract_library.py WHEEL FOLDER

Everything else in the wheel is for Python. Written beside FOLDER first and then renamed, so that FOLDER is whole
whenever it is there, and a process that has the old library open keeps it.
"""
import os
import shutil
import sys
import zipfile

LIBRARIES = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
# Which headers tfjs-node's addon reaches; g++ -MM lists them.
HEADERS = ("tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring", "xla/tsl/c/")
LICENCES = ("THIRD_PARTY_NOTICES.txt", "LICENSE", "METADATA")


def place(name):
    """Where a member of the wheel goes, or None if it is not wanted."""
    base = os.path.basename(name)
    if os.path.dirname(name) == "tensorflow" and base in LIBRARIES:
        return base
    if name.startswith("tensorflow/include/"):
        header = name[len("tensorflow/include/"):]
        return "include/" + header if header.startswith(HEADERS) and header.endswith(".h") else None
    if base in LICENCES and (".dist-info/" in name or name == "tensorflow/" + base):
        return "licence/" + base
    return None


def main(wheel, folder):
    partial, old = folder + ".partial", folder + ".old"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            target = place(name)
            if target is None:
                continue
            path = os.path.join(partial, target)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(name) as source, open(path, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
    missing = [name for name in LIBRARIES if not os.path.exists(os.path.join(partial, name))]
    if missing:
        shutil.rmtree(partial, ignore_errors=True)
        sys.exit("error: the wheel holds no " + " and no ".join(missing))
    if os.path.exists(folder):
        os.rename(folder, old)
    os.rename(partial, folder)
    shutil.rmtree(old, ignore_errors=True)


main(sys.argv[1], sys.argv[2])
