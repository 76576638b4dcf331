"""PyTorch's maps of the photographs, in single precision and in double, on the same weights, inputs and classes.

Usage: reference.py FOLDER. FOLDER/job.json has "networks" (name, network, weights) and "path" (nodes and weights of the
integral, or null, and of how many images). images.npy is NHWC in [0, 1], NAME-targets.npy has each network's classes.
Writes NAME-METHOD-float32.npy and NAME-METHOD-float64.npy, NHWC; prints the versions as JSON.
"""

import json
import platform
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "oracles"))
from pretrained_reference import NETWORKS, read  # noqa: E402


def gradient(network, weights, images, targets):
    images = images.clone().requires_grad_()
    network(weights, images)[torch.arange(len(images)), targets].sum().backward()
    return images.grad


def integral(network, weights, image, target, path):
    """From black, as our integratedGradients; the sum over the nodes is in double either way."""
    total = torch.zeros_like(image, dtype=torch.float64)
    for start in range(0, len(path["nodes"]), 10):
        nodes, shares = path["nodes"][start:start + 10], path["weights"][start:start + 10]
        points = torch.cat([image * torch.tensor(node, dtype=image.dtype) for node in nodes])
        slopes = gradient(network, weights, points, torch.full((len(nodes),), int(target)))
        total += (slopes.double() * torch.tensor(shares, dtype=torch.float64)[:, None, None, None]).sum(0, keepdim=True)
    return image.double() * total


def main(folder):
    job = json.loads((folder / "job.json").read_text())
    images = torch.from_numpy(np.load(folder / "images.npy")).permute(0, 3, 1, 2).contiguous()
    for each in job["networks"]:
        targets = torch.from_numpy(np.load(folder / f"{each['name']}-targets.npy")).long()
        for dtype in (torch.float32, torch.float64):
            weights = {name: value.to(dtype) for name, value in read(Path(each["weights"])).items()}
            network, x = NETWORKS[each["network"]], images.to(dtype)

            def keep(method, maps):
                values = torch.cat(maps).permute(0, 2, 3, 1).contiguous().numpy()
                np.save(folder / f"{each['name']}-{method}-{str(dtype).split('.')[1]}.npy", values)

            keep("gradient", [gradient(network, weights, x[i:i + 1], targets[i:i + 1]) for i in range(len(x))])
            if each["path"]:
                count = each["path"]["count"]
                one = lambda i: integral(network, weights, x[i:i + 1], targets[i], each["path"])
                keep("integral", [one(i) for i in range(count)])
            print(f"{each['name']}, PyTorch in {dtype}", file=sys.stderr, flush=True)
    versions = {"PyTorch": torch.__version__, "Python": platform.python_version()}
    print(json.dumps({**versions, "threads": torch.get_num_threads()}))


main(Path(sys.argv[1]))
