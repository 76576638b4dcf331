"""The networks in PyTorch, as modules, on the weights that Vitrine's side has written."""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "test" / "helpers"))
from fashion_deep import DeepNetwork, read_weights  # noqa: E402


def read_safetensors(file):
    raw = file.read_bytes()
    size, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    return {k: torch.from_numpy(np.frombuffer(raw, {"F32": "<f4", "F64": "<f8"}[v["dtype"]], int(np.prod(v["shape"])), 8 + size + v["data_offsets"][0]).copy().reshape(v["shape"])).float()
            for k, v in header.items() if k != "__metadata__"}


class Normalize(nn.Module):
    """x * scale - shift, per channel: what the network was trained on, of pixels in [0, 1]."""

    def __init__(self, scale, shift):
        super().__init__()
        self.register_buffer("scale", torch.tensor(scale).view(1, -1, 1, 1))
        self.register_buffer("shift", torch.tensor(shift).view(1, -1, 1, 1))

    def forward(self, x):
        return x * self.scale - self.shift


def imagenet_normalize():
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    return Normalize((1 / std).astype("float32"), (mean / std).astype("float32"))


class Fire(nn.Module):
    """torchvision's, but for the ReLUs: in place they are in Captum's way, and shared ones too."""

    def __init__(self, squeeze, expand1x1, expand3x3):
        super().__init__()
        self.squeeze, self.expand1x1, self.expand3x3 = squeeze, expand1x1, expand3x3
        self.relu, self.relu1x1, self.relu3x3 = nn.ReLU(), nn.ReLU(), nn.ReLU()

    def forward(self, x):
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu1x1(self.expand1x1(x)), self.relu3x3(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    """SqueezeNet 1.1, with Caffe's weights (HWIO, BGR, up to 255) or torchvision's."""

    def __init__(self, weights):
        super().__init__()
        caffe = "fire2/squeeze1x1.weight" in weights
        blocks = dict(zip(range(2, 10), [3, 4, 6, 7, 9, 10, 11, 12]))

        def key(layer):
            if caffe:
                return layer
            if layer in ("conv1", "conv10"):
                return {"conv1": "features.0", "conv10": "classifier.1"}[layer]
            fire, part = layer.split("/")
            return f"features.{blocks[int(fire[4:])]}.{'squeeze' if part == 'squeeze1x1' else part}"

        def conv(layer, **options):
            kernel, bias = weights[f"{key(layer)}.weight"], weights[f"{key(layer)}.bias"]
            if caffe:
                kernel = kernel.permute(3, 2, 0, 1)
                kernel = kernel.flip(1) if layer == "conv1" else kernel
            module = nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2], **options)
            module.weight.data, module.bias.data = kernel.contiguous(), bias
            return module

        self.normalize = Normalize([255.0] * 3, [123.68, 116.779, 103.939]) if caffe else imagenet_normalize()
        pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
        fire = lambda n: Fire(conv(f"fire{n}/squeeze1x1"), conv(f"fire{n}/expand1x1"), conv(f"fire{n}/expand3x3", padding=1))
        self.features = nn.Sequential(
            conv("conv1", stride=2), nn.ReLU(), pool(), fire(2), fire(3), pool(), fire(4), fire(5), pool(), fire(6), fire(7), fire(8), fire(9))
        self.classifier = nn.Sequential(conv("conv10"), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        return self.classifier(self.features(self.normalize(x))).flatten(1)


class Block(nn.Module):
    """A transformer's, as timm writes it."""

    def __init__(self, w, name, width):
        super().__init__()
        self.norm1, self.norm2 = norm(w, f"{name}.norm1"), norm(w, f"{name}.norm2")
        self.qkv, self.proj = linear(w, f"{name}.attn.qkv"), linear(w, f"{name}.attn.proj")
        self.fc1, self.fc2 = linear(w, f"{name}.mlp.fc1"), linear(w, f"{name}.mlp.fc2")
        self.act, self.heads = nn.GELU(), width // 64

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(batch, tokens, 3, self.heads, 64).permute(2, 0, 3, 1, 4).unbind(0)
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width))
        return x + self.fc2(self.act(self.fc1(self.norm2(x))))


def linear(w, name):
    module = nn.Linear(*reversed(w[f"{name}.weight"].shape))
    module.weight.data, module.bias.data = w[f"{name}.weight"], w[f"{name}.bias"]
    return module


def norm(w, name):
    module = nn.LayerNorm(len(w[f"{name}.weight"]), 1e-6)
    module.weight.data, module.bias.data = w[f"{name}.weight"], w[f"{name}.bias"]
    return module


class Deit(nn.Module):
    """DeiT of any width and depth, as timm writes it."""

    def __init__(self, w):
        super().__init__()
        width = w["cls_token"].shape[-1]
        self.normalize = imagenet_normalize()
        self.patches = nn.Conv2d(3, width, 16, 16)
        self.patches.weight.data, self.patches.bias.data = w["patch_embed.proj.weight"], w["patch_embed.proj.bias"]
        self.cls_token, self.pos_embed = nn.Parameter(w["cls_token"]), nn.Parameter(w["pos_embed"])
        depth = sum(f"blocks.{n}.norm1.weight" in w for n in range(100))
        self.blocks = nn.Sequential(*[Block(w, f"blocks.{n}", width) for n in range(depth)])
        self.norm, self.head = norm(w, "norm"), linear(w, "head")

    def forward(self, x):
        x = self.patches(self.normalize(x)).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


def load(name, folder):
    if name == "squeezenet1_1":
        return SqueezeNet(read_safetensors(folder / "squeezenet1_1.safetensors"))
    if name == "deit_tiny":
        return Deit(read_safetensors(folder / "deit_tiny.safetensors"))
    if name == "fashion-deep":
        return DeepNetwork(read_weights(ROOT / "models" / "fashion-deep"))
    raise ValueError(name)
