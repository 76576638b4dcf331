"""The networks of lib/model/architectures in PyTorch, written from their papers and from torchvision's and timm's layouts.

Usage: pretrained_reference.py INPUTS ANSWERS. "tasks" of INPUTS/job.json is a list of
  {"make": network, "out": file.pth, "legacy"?} — saves random weights of a small network among the answers — or
  {"network", "weights": .safetensors or .pth among answers or inputs, "out": prefix} — answers with PREFIX-logits.npy
  and PREFIX-gradient.npy (of each image's target logit, NHWC). images.npy (NHWC in [0, 1]) and targets.npy are among
  the inputs; with positions.npy there too, only those values of each image's gradient are answers.
Prints the versions as JSON. Exit status 3: torch cannot be imported.
"""

import json
import platform
import struct
import sys
from pathlib import Path

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])


def read(file):
    if file.suffix == ".pth":
        state = torch.load(file, weights_only=True)
        return {k: v.float() for k, v in state.get("model", state).items()}
    raw = file.read_bytes()
    size, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    return {k: torch.from_numpy(np.frombuffer(raw, "<f4", int(np.prod(v["shape"])), 8 + size + v["data_offsets"][0]).copy().reshape(v["shape"]))
            for k, v in header.items() if k != "__metadata__"}


def normalize(x):
    return (x - MEAN[:, None, None]) / STD[:, None, None]


def caffe(x, bgr_mean):
    return 255 * x.flip(1) - torch.tensor(bgr_mean)[:, None, None]


def caffe_conv(w, name, x, **options):
    return F.relu(F.conv2d(x, w[f"{name}.weight"].permute(3, 2, 0, 1), w[f"{name}.bias"], **options))


def pool(x):
    return F.max_pool2d(x, 3, 2, ceil_mode=True)


def squeezenet_caffe(w, x):
    conv = lambda name, x, **options: caffe_conv(w, name, x, **options)

    def fire(x, n):
        s = conv(f"fire{n}/squeeze1x1", x)
        return torch.cat([conv(f"fire{n}/expand1x1", s), conv(f"fire{n}/expand3x3", s, padding=1)], 1)

    x = pool(conv("conv1", caffe(x, [103.939, 116.779, 123.68]), stride=2))
    x = pool(fire(fire(x, 2), 3))
    x = pool(fire(fire(x, 4), 5))
    for n in range(6, 10):
        x = fire(x, n)
    return conv("conv10", x).mean((2, 3))


def squeezenet_torchvision(w, x):
    conv = lambda name, x, **options: F.relu(F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"], **options))

    def fire(x, n):
        s = conv(f"features.{n}.squeeze", x)
        return torch.cat([conv(f"features.{n}.expand1x1", s), conv(f"features.{n}.expand3x3", s, padding=1)], 1)

    x = pool(conv("features.0", normalize(x), stride=2))
    x = pool(fire(fire(x, 3), 4))
    x = pool(fire(fire(x, 6), 7))
    for n in range(9, 13):
        x = fire(x, n)
    return conv("classifier.1", x).mean((2, 3))


def googlenet_caffe(w, x):
    conv = lambda name, x, **options: caffe_conv(w, name, x, **options)
    lrn = lambda x: F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0)

    def inception(x, n):
        name = f"inception_{n}"
        return torch.cat([
            conv(f"{name}/1x1", x), conv(f"{name}/3x3", conv(f"{name}/3x3_reduce", x), padding=1),
            conv(f"{name}/5x5", conv(f"{name}/5x5_reduce", x), padding=2),
            conv(f"{name}/pool_proj", F.max_pool2d(x, 3, 1, padding=1))], 1)

    x = lrn(pool(conv("conv1/7x7_s2", caffe(x, [104.0, 117.0, 123.0]), stride=2, padding=3)))
    x = pool(lrn(conv("conv2/3x3", conv("conv2/3x3_reduce", x), padding=1)))
    for stage in (["3a", "3b"], ["4a", "4b", "4c", "4d", "4e"], ["5a", "5b"]):
        x = x if stage[0] == "3a" else pool(x)
        for n in stage:
            x = inception(x, n)
    return x.mean((2, 3)) @ w["loss3/classifier.weight"] + w["loss3/classifier.bias"]


def googlenet_torchvision(w, x):
    def conv(name, x, **options):
        y = F.conv2d(x, w[f"{name}.conv.weight"], **options)
        bn = lambda part: w[f"{name}.bn.{part}"]
        return F.relu(F.batch_norm(y, bn("running_mean"), bn("running_var"), bn("weight"), bn("bias"), eps=0.001))

    def inception(x, n):
        name = f"inception{n}"
        return torch.cat([
            conv(f"{name}.branch1", x), conv(f"{name}.branch2.1", conv(f"{name}.branch2.0", x), padding=1),
            conv(f"{name}.branch3.1", conv(f"{name}.branch3.0", x), padding=1),
            conv(f"{name}.branch4.1", F.max_pool2d(x, 3, 1, padding=1, ceil_mode=True))], 1)

    x = pool(conv("conv1", normalize(x), stride=2, padding=3))
    x = pool(conv("conv3", conv("conv2", x), padding=1))
    x = pool(inception(inception(x, "3a"), "3b"))
    for n in "abcde":
        x = inception(x, f"4{n}")
    x = F.max_pool2d(x, 2, 2, ceil_mode=True)
    x = inception(inception(x, "5a"), "5b").mean((2, 3))
    return F.linear(x, w["fc.weight"], w["fc.bias"])


VGG = [2, 2, 3, 3, 3]


def vgg16(w, x):
    x, index = normalize(x), 0
    for depth in VGG:
        for _ in range(depth):
            x = F.relu(F.conv2d(x, w[f"features.{index}.weight"], w[f"features.{index}.bias"], padding=1))
            index += 2
        x, index = F.max_pool2d(x, 2), index + 1
    x = F.adaptive_avg_pool2d(x, 7).flatten(1)
    for layer in (0, 3):
        x = F.relu(F.linear(x, w[f"classifier.{layer}.weight"], w[f"classifier.{layer}.bias"]))
    return F.linear(x, w["classifier.6.weight"], w["classifier.6.bias"])


def deit(w, x):
    width = w["cls_token"].shape[-1]
    norm = lambda name, x: F.layer_norm(x, (width,), w[f"{name}.weight"], w[f"{name}.bias"], 1e-6)
    linear = lambda name, x: F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
    x = F.conv2d(normalize(x), w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], stride=16).flatten(2).transpose(1, 2)
    x = torch.cat([w["cls_token"].expand(len(x), -1, -1), x], 1) + w["pos_embed"]
    block = 0
    while f"blocks.{block}.norm1.weight" in w:
        b = f"blocks.{block}"
        q, k, v = linear(f"{b}.attn.qkv", norm(f"{b}.norm1", x)).reshape(len(x), -1, 3, width // 64, 64).permute(2, 0, 3, 1, 4)
        x = x + linear(f"{b}.attn.proj", F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        x = x + linear(f"{b}.mlp.fc2", F.gelu(linear(f"{b}.mlp.fc1", norm(f"{b}.norm2", x))))
        block += 1
    return linear("head", norm("norm", x)[:, 0])


NETWORKS = {f.__name__: f for f in (squeezenet_caffe, squeezenet_torchvision, googlenet_caffe, googlenet_torchvision, vgg16, deit)}


def random_weights(network):
    """Named and shaped as torchvision or timm save them, but narrow where the network's form allows it."""
    torch.manual_seed(5)
    w = {}

    def conv(name, out, into, size, bias=True):
        w[f"{name}.weight"] = torch.randn(out, into, size, size) * (2 / (into * size * size)) ** 0.5
        if bias:
            w[f"{name}.bias"] = torch.randn(out) * 0.1
        return out

    def linear(name, out, into):
        w[f"{name}.weight"], w[f"{name}.bias"] = torch.randn(out, into) * (1 / into) ** 0.5, torch.randn(out) * 0.1
        return out

    def basic(name, out, into, size):
        conv(f"{name}.conv", out, into, size, bias=False)
        w.update({f"{name}.bn.weight": torch.rand(out) + 0.5, f"{name}.bn.bias": torch.randn(out) * 0.1,
                  f"{name}.bn.running_mean": torch.randn(out) * 0.1, f"{name}.bn.running_var": torch.rand(out) + 0.5,
                  f"{name}.bn.num_batches_tracked": torch.tensor(7)})
        return out

    if network == "squeezenet_torchvision":
        x = conv("features.0", 8, 3, 3)
        for n in (3, 4, 6, 7, 9, 10, 11, 12):
            s = conv(f"features.{n}.squeeze", 4, x, 1)
            x = conv(f"features.{n}.expand1x1", 6, s, 1) + conv(f"features.{n}.expand3x3", 6, s, 3)
        conv("classifier.1", 10, x, 1)
    elif network == "googlenet_torchvision":
        x = basic("conv3", 12, basic("conv2", 6, basic("conv1", 6, 3, 7), 1), 3)
        for n in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"):
            b = f"inception{n}"
            x = (basic(f"{b}.branch1", 3, x, 1) + basic(f"{b}.branch2.1", 4, basic(f"{b}.branch2.0", 3, x, 1), 3)
                 + basic(f"{b}.branch3.1", 3, basic(f"{b}.branch3.0", 2, x, 1), 3) + basic(f"{b}.branch4.1", 2, x, 1))
        linear("fc", 10, x)
        linear("aux1.fc1", 4, 4)
    elif network == "vgg16":
        x, index = 3, 0
        for depth, out in zip(VGG, (4, 6, 8, 8, 10)):
            for _ in range(depth):
                x, index = conv(f"features.{index}", out, x, 3), index + 2
            index += 1
        linear("classifier.6", 10, linear("classifier.3", 16, linear("classifier.0", 16, x * 49)))
    elif network == "deit":
        width = 128
        conv("patch_embed.proj", width, 3, 16)
        w["cls_token"], w["pos_embed"] = torch.randn(1, 1, width), torch.randn(1, 197, width)
        norms = ["norm"]
        for b in ("blocks.0", "blocks.1"):
            linear(f"{b}.attn.qkv", 3 * width, width), linear(f"{b}.attn.proj", width, width)
            linear(f"{b}.mlp.fc1", 160, width), linear(f"{b}.mlp.fc2", width, 160)
            norms += [f"{b}.norm1", f"{b}.norm2"]
        for n in norms:
            w[f"{n}.weight"], w[f"{n}.bias"] = torch.rand(width) + 0.5, torch.randn(width) * 0.1
        linear("head", 10, width)
    return w


def main(inputs, answers):
    for job in json.loads((inputs / "job.json").read_text())["tasks"]:
        if "make" in job:
            state = random_weights(job["make"])
            state = {"model": state} if job["make"] == "deit" else state
            torch.save(state, answers / job["out"], _use_new_zipfile_serialization=not job.get("legacy", False))
            continue
        weights = next(folder / job["weights"] for folder in (answers, inputs) if (folder / job["weights"]).exists())
        images = torch.from_numpy(np.load(inputs / "images.npy")).permute(0, 3, 1, 2).contiguous().requires_grad_()
        logits = NETWORKS[job["network"]](read(weights), images)
        logits[torch.arange(len(images)), torch.from_numpy(np.load(inputs / "targets.npy")).long()].sum().backward()
        gradient = np.ascontiguousarray(images.grad.permute(0, 2, 3, 1).numpy())
        if (inputs / "positions.npy").exists():
            gradient = np.ascontiguousarray(gradient.reshape(len(images), -1)[:, np.load(inputs / "positions.npy")])
        np.save(answers / f"{job['out']}-logits.npy", logits.detach().numpy())
        np.save(answers / f"{job['out']}-gradient.npy", gradient)
    print(json.dumps({"Python": platform.python_version(), "PyTorch": torch.__version__}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
