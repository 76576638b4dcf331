"""Captum's answers to the questions in a job file, for captum.test.ts.

Usage: captum_reference.py FOLDER. FOLDER/job.json names the model's folder and the cases; images and baselines lie
beside it as .npy (NHWC). Writes FOLDER/N.npy (and N-delta.npy) for case N. Exit status 3: torch or captum cannot be
imported; the reason is on stderr.
"""

import json
import sys
import warnings
from pathlib import Path
from unittest import mock

try:
    import captum
    import numpy as np
    import torch
    from captum.attr import (
        Deconvolution, GuidedBackprop, GuidedGradCam, InputXGradient, IntegratedGradients, LayerAttribution, LayerGradCam,
        NoiseTunnel, Occlusion, Saliency)
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

warnings.filterwarnings("ignore", message="Setting backward hooks|Input Tensor")


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


def answer(model, case, images, baseline, target):
    name, options = case["method"], case["options"]
    if name == "saliency":
        return Saliency(model).attribute(images, target=target, abs=options.get("abs", False)), None
    if name == "input-x-gradient" and options.get("variant") == "absolute":
        maps = Saliency(model).attribute(images, target=target, abs=True) * images
        return maps / maps.amax((1, 2, 3), keepdim=True), None
    if name == "input-x-gradient":
        return InputXGradient(model).attribute(images, target=target), None
    if name == "guided-backprop":
        return GuidedBackprop(model).attribute(images, target=target), None
    if name == "deconvolution":
        return Deconvolution(model).attribute(images, target=target), None
    if name == "integrated-gradients":
        return IntegratedGradients(model).attribute(
            images, baselines=baseline, target=target, n_steps=options.get("steps", 50),
            method=options.get("quadrature", "gausslegendre"), return_convergence_delta=True)
    if name == "smoothgrad":
        # Captum draws its noise in one call for all the noisy copies, each image's one after the other.
        drawn = options["noise"].repeat(len(images), 1, 1, 1)
        with mock.patch("torch.normal", return_value=drawn):
            return NoiseTunnel(Saliency(model)).attribute(
                images, target=target, abs=False, nt_samples=options["samples"],
                nt_type={"squared": "smoothgrad_sq"}.get(options["variant"], options["variant"])), None
    if name == "grad-cam":
        maps = LayerGradCam(model, model.after(options.get("layer", "conv6"))).attribute(
            images, target=target, relu_attributions=not options.get("signed", False))
        return LayerAttribution.interpolate(maps, images.shape[2:], "bilinear") if options.get("upsample") else maps, None
    if name == "guided-grad-cam":
        return GuidedGradCam(model, model.after(options.get("layer", "conv6"))).attribute(
            images, target=target, interpolate_mode="bilinear"), None
    if name == "occlusion":
        as_chw = lambda size: (size[2], size[0], size[1])
        return Occlusion(model).attribute(
            images, baselines=baseline, target=target, sliding_window_shapes=as_chw(options["window"]),
            strides=as_chw(options["stride"]), perturbations_per_eval=16), None
    raise ValueError(name)


def main(folder):
    job = json.loads((folder / "job.json").read_text())
    model = DeepNetwork(read_weights(Path(job["model"]))).eval()
    load = lambda name: torch.from_numpy(np.load(folder / name)).permute(0, 3, 1, 2).contiguous()
    images, target = load("images.npy"), torch.tensor(job["target"])
    with torch.no_grad():
        np.save(folder / "logits.npy", model(images).numpy())
    for index, case in enumerate(job["cases"]):
        options = case["options"]
        baseline = options.get("baseline", 0)
        if "noise" in options:
            options["noise"] = load(options["noise"])
        values, delta = answer(model, case, images.clone(), load(baseline) if isinstance(baseline, str) else baseline, target)
        np.save(folder / f"{index}.npy", np.ascontiguousarray(values.detach().permute(0, 2, 3, 1).numpy().astype("float32")))
        if delta is not None:
            np.save(folder / f"{index}-delta.npy", delta.detach().numpy().astype("float32"))
    print(f"PyTorch {torch.__version__}, Captum {captum.__version__}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
