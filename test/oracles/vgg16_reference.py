"""VGG-16 at its full width in PyTorch, with random weights: the file as torchvision's is, and what PyTorch gets from it.

Usage: vgg16_reference.py FOLDER CASE. CASE: JSON with "file", "images", "start" (.npy, NHWC), "targets", "step".
Writes FOLDER/file (the legacy format of 2017, as torchvision's own vgg16-397923af.pth), logits.npy, gradient.npy, exact.npy
(the first gradient in double precision) and step.npy, and prints versions, seconds and megabytes as JSON. Exit status 3: torch cannot be imported.
"""

import json
import platform
import resource
import sys
import time
from pathlib import Path

try:
    import numpy as np
    import torch
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

sys.path.insert(0, str(Path(__file__).resolve().parent))
from pretrained_reference import MEAN, STD, VGG, read, vgg16  # noqa: E402


def random_weights():
    """Named and shaped as torchvision's; of He's size, so that activations neither vanish nor grow."""
    torch.manual_seed(16)
    state, into, index = {}, 3, 0
    for depth, out in zip(VGG, (64, 128, 256, 512, 512)):
        for _ in range(depth):
            state[f"features.{index}.weight"] = torch.randn(out, into, 3, 3) * (2 / (into * 9)) ** 0.5
            state[f"features.{index}.bias"] = torch.randn(out) * 0.1
            into, index = out, index + 2
        index += 1
    for layer, (out, into) in zip((0, 3, 6), ((4096, 512 * 49), (4096, 4096), (1000, 4096))):
        state[f"classifier.{layer}.weight"] = torch.randn(out, into) * (2 / into) ** 0.5
        state[f"classifier.{layer}.bias"] = torch.randn(out) * 0.1
    return state


def first(path):
    return torch.from_numpy(np.load(path)).permute(0, 3, 1, 2).contiguous()


def saved(path, values):
    np.save(path, np.ascontiguousarray(values.permute(0, 2, 3, 1).numpy()))


def main(folder, case):
    torch.save(random_weights(), folder / case["file"], _use_new_zipfile_serialization=False)
    began = time.time()
    weights = read(folder / case["file"])
    times = {"load": time.time() - began}

    images, targets = first(folder / case["images"]).requires_grad_(), torch.tensor(case["targets"])
    began = time.time()
    logits = vgg16(weights, images)
    logits[range(len(images)), targets].sum().backward()
    times["gradient"] = time.time() - began
    np.save(folder / "logits.npy", logits.detach().numpy())
    saved(folder / "gradient.npy", images.grad)

    # The first picture's once more in double precision: who is nearer to that is nearer to the truth.
    exact, picture = {name: w.double() for name, w in weights.items()}, first(folder / case["images"])[:1].double().requires_grad_()
    vgg16(exact, picture)[0, targets[0]].backward()
    saved(folder / "exact.npy", picture.grad.float())
    del exact

    step, mean, std = case["step"], MEAN.view(1, -1, 1, 1), STD.view(1, -1, 1, 1)
    x = torch.roll(first(folder / case["start"]), step["shift"], (2, 3)).requires_grad_()
    logit = vgg16(weights, x * std + mean)[0, step["target"]]
    (logit - step["l2"] * (x ** 2).sum()).backward()
    with torch.no_grad():
        x = torch.roll(x + step["rate"] * x.grad / x.grad.norm(), [-shift for shift in step["shift"]], (2, 3))
        x = torch.max(torch.min(x, (1 - mean) / std), (0 - mean) / std)
    saved(folder / "step.npy", (x * std + mean).clamp(0, 1))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"versions": {"Python": platform.python_version(), "PyTorch": torch.__version__}, "seconds": times, "MB": memory}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
