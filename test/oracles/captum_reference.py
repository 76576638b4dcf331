"""Captum's answers to the cases of captum.ts.

Usage: captum_reference.py INPUTS ANSWERS. INPUTS/job.json names the model's folder and the cases; images, baselines and
target classes lie beside it as .npy (NHWC). Writes ANSWERS/N.npy (and N-delta.npy) for case N, and prints the versions
as JSON. Exit status 3: torch or captum cannot be imported; the reason is on stderr.
"""

import json
import platform
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

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))
from fashion_deep import DeepNetwork, read_weights  # noqa: E402

warnings.filterwarnings("ignore", message="Setting backward hooks|Input Tensor")


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


def main(inputs, answers):
    job = json.loads((inputs / "job.json").read_text())
    model = DeepNetwork(read_weights(Path(job["model"]))).eval()
    load = lambda name: torch.from_numpy(np.load(inputs / name)).permute(0, 3, 1, 2).contiguous()
    images, target = load("images.npy"), torch.from_numpy(np.load(inputs / "target.npy")).long()
    with torch.no_grad():
        np.save(answers / "logits.npy", model(images).numpy())
    for index, case in enumerate(job["cases"]):
        options = case["options"]
        baseline = options.get("baseline", 0)
        if "noise" in options:
            options["noise"] = load(options["noise"])
        baseline = load(baseline) if isinstance(baseline, str) else baseline
        values, delta = answer(model, case, images.clone(), baseline, target)
        values = values.detach().permute(0, 2, 3, 1).numpy().astype("float32")
        np.save(answers / f"{index}.npy", np.ascontiguousarray(values))
        if delta is not None:
            np.save(answers / f"{index}-delta.npy", delta.detach().numpy().astype("float32"))
    print(json.dumps({"Python": platform.python_version(), "PyTorch": torch.__version__, "Captum": captum.__version__}))


main(*map(Path, sys.argv[1:]))
