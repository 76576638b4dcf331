"""models/fashion-deep in PyTorch, for comparisons with what is written for PyTorch."""

import json

import numpy as np
import torch


class DeepNetwork(torch.nn.Module):
    """Six 3x3 convolutions with ReLU, the first two pooled, one dense layer: written from the description, not the code."""

    def __init__(self, weights):
        super().__init__()
        layers = []
        for block in range(1, 7):
            kernel = weights[f"conv{block}/kernel"].permute(3, 2, 0, 1)
            conv = torch.nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, padding=1)
            conv.weight.data, conv.bias.data = kernel.contiguous(), weights[f"conv{block}/bias"]
            # Modules of their own, not in place: Captum replaces the gradient of nn.ReLU modules only.
            layers += [conv, torch.nn.ReLU()] + ([torch.nn.MaxPool2d(2)] if block <= 2 else [])
        self.features = torch.nn.Sequential(*layers)
        self.dense = torch.nn.Linear(*weights["logits/kernel"].shape)
        self.dense.weight.data, self.dense.bias.data = weights["logits/kernel"].T.contiguous(), weights["logits/bias"]

    def forward(self, x):
        # TensorFlow.js flattens with the channels last.
        return self.dense(self.features(x).permute(0, 2, 3, 1).flatten(1))

    def after(self, layer):
        """The ReLU behind a convolution: TensorFlow.js counts it to the layer."""
        relus = [module for module in self.features if isinstance(module, torch.nn.ReLU)]
        return relus[int(layer.removeprefix("conv")) - 1]


def read_weights(folder):
    """The weights manifest of a TF.js LayersModel, by name."""
    manifest = json.loads((folder / "model.json").read_text())["weightsManifest"]
    weights = {}
    for group in manifest:
        data, at = b"".join((folder / path).read_bytes() for path in group["paths"]), 0
        for entry in group["weights"]:
            assert entry["dtype"] == "float32" and "quantization" not in entry, entry
            count = int(np.prod(entry["shape"]))
            weights[entry["name"]] = torch.from_numpy(np.frombuffer(data, "<f4", count, at).copy().reshape(entry["shape"]))
            at += 4 * count
    return weights
