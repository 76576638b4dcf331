"""Files as NumPy, PyTorch and PIL write them, for test/lib/data/python-files.ts.

Usage: data_files.py FOLDER. FOLDER/picture.png is there. Writes .npy, .npz, .pth and raw bytes beside it, and what PyTorch's
files hold as torch.json. What is kept lies in test/oracles/data-files. Exit status 3: torch, numpy or PIL cannot be imported;
the reason is on stderr.
"""

import json
import os
import sys

try:
    import numpy as np
    import torch
    from PIL import Image
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

os.chdir(sys.argv[1])

base = np.arange(24).reshape(2, 3, 4) * 1.25
np.save("fortran.npy", np.asfortranarray(base.astype(np.float32)))
np.save("big.npy", base.astype(">f8"))
np.save("int64.npy", base.astype(np.int64))
np.savez("plain.npz", x=base, y=np.array([True, False]))
np.savez_compressed("packed.npz", x=np.zeros((100, 100), np.uint8), o=np.array([{}], dtype=object))

torch.manual_seed(3)
net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(5, 6))
state = net.state_dict()
state.update(
    turned=torch.randn(4, 5).t(), slice=torch.randn(10)[3:7], half=torch.randn(5).half(), brain=torch.randn(5).bfloat16(),
    number=torch.tensor(7), flag=torch.tensor([True, False]), double=torch.randn(3).double(),
    byte=torch.arange(5, dtype=torch.uint8), nothing=torch.zeros(0, 3))
torch.save(state, "zip.pth")
torch.save({"model": state, "epoch": 3}, "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(dict(net.named_parameters()), "parameters.pth")
torch.save(net, "whole.pth")
with open("torch.json", "w") as file:
    json.dump({name: [list(each.shape), each.double().flatten().tolist()] for name, each in state.items()}, file)

image = Image.open("picture.png")
for width, height in [(20, 31), (90, 100), (47, 9)]:
    with open(f"resized-{height}x{width}.bin", "wb") as file:
        file.write(image.resize((width, height), Image.BILINEAR).tobytes())

# Our own files, where there are some.
for name in sorted(each for each in os.listdir() if each.startswith("ours-")):
    array = np.load(name)
    print(json.dumps([name, str(array.dtype), list(array.shape), [str(value) for value in array.ravel().tolist()]]))
