"""The class visualization recipe, Adam and a Fourier image in PyTorch and NumPy, for the cases of recipe.ts.

Usage: recipe_reference.py INPUTS ANSWERS. INPUTS/job.json holds the model's folder and the cases; start images lie
beside it as .npy (NHWC). Writes ANSWERS/N.npy for case N and N-scores.npy, and prints the versions as JSON. Exit
status 3: torch cannot be imported; the reason is on stderr.
"""

import json
import platform
import sys
from pathlib import Path

try:
    import numpy as np
    import torch
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))
from fashion_deep import DeepNetwork, read_weights  # noqa: E402


def blurred(images, sigma):
    """scipy.ndimage.gaussian_filter1d along height and width, from its description: cut off at 4 sigma, mirrored edges."""
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (2, 3):
        pads = [(radius, radius) if a == axis else (0, 0) for a in range(4)]
        padded, size = np.pad(images, pads, mode="symmetric"), images.shape[axis]
        images = sum(w * np.take(padded, range(k, k + size), axis) for k, w in enumerate(weights))
    return images


def recipe(model, case, x):
    """CS231n's create_class_visualization, line by line, several classes at once."""
    mean, std = torch.tensor(case["mean"]).view(1, -1, 1, 1), torch.tensor(case["std"]).view(1, -1, 1, 1)
    scores, leaf = [], x.clone().requires_grad_()
    for t, (down, right) in enumerate(case["jitter"]):
        leaf.data = torch.roll(x, (down, right), (2, 3))
        if case["step"] != "accumulated":
            leaf.grad = None  # What zero_grad() does; without it backward() adds to what is there.
        logits = model(leaf * std + mean)[range(len(x)), case["target"]]
        scores.append(logits.detach().numpy())
        squares = (leaf ** 2).sum((1, 2, 3))
        (logits - case["l2"] * (squares if case["penalty"] == "squared" else squares.sqrt())).sum().backward()
        with torch.no_grad():
            norm = leaf.grad.flatten(1).norm(dim=1).view(-1, 1, 1, 1) if case["step"] == "normalized" else 1
            x = torch.roll(leaf + case["rate"] * leaf.grad / norm, (-down, -right), (2, 3))
            x = torch.max(torch.min(x, (1 - mean) / std), (0 - mean) / std)
            if case["blur_every"] and t % case["blur_every"] == 0:
                x = torch.from_numpy(blurred(x.numpy(), case["sigma"]).astype("float32"))
    return (x * std + mean).clamp(0, 1), scores


def adam(model, case, x):
    """torch.optim.Adam on the pixels, clamped after each step."""
    x = x.clone().requires_grad_()
    optimizer, scores = torch.optim.Adam([x], lr=case["rate"], maximize=True), []
    for _ in range(case["iterations"]):
        optimizer.zero_grad()
        logits = model(x)[range(len(x)), case["target"]]
        scores.append(logits.detach().numpy())
        (logits - case["l2"] * (x ** 2).sum((1, 2, 3))).sum().backward()
        optimizer.step()
        with torch.no_grad():
            x.clamp_(0, 1)
    return x.detach(), scores


def fourier(model, case, x):
    """Adam on a spectrum, with torch.fft's own inverse transform and lucid's scaling; x is the spectrum [n, 2h, half, 1]."""
    height, width = case["size"]
    re, im = x.chunk(2, 2)
    spectrum = torch.complex(re, im).clone()
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    scale = torch.from_numpy((np.sqrt(width * height) / np.maximum(np.sqrt(fx * fx + fy * fy), 1 / max(width, height)))).float()
    params, scores = torch.view_as_real(spectrum).clone().requires_grad_(), []
    image = lambda: torch.sigmoid(torch.fft.irfft2(torch.view_as_complex(params) * scale, s=(height, width)) / 4)
    optimizer = torch.optim.Adam([params], lr=case["rate"], maximize=True)
    for _ in range(case["iterations"]):
        optimizer.zero_grad()
        logits = model(image())[range(len(x)), case["target"]]
        scores.append(logits.detach().numpy())
        logits.sum().backward()
        optimizer.step()
    return image().detach(), scores


def main(inputs, answers):
    job = json.loads((inputs / "job.json").read_text())
    model = DeepNetwork(read_weights(Path(job["model"]))).eval()
    for index, case in enumerate(job["cases"]):
        start = torch.from_numpy(np.load(inputs / case["start"])).permute(0, 3, 1, 2).contiguous()
        images, scores = {"recipe": recipe, "adam": adam, "fourier": fourier}[case["kind"]](model, case, start)
        images = images.permute(0, 2, 3, 1).numpy().astype("float32")
        np.save(answers / f"{index}.npy", np.ascontiguousarray(images))
        np.save(answers / f"{index}-scores.npy", np.stack(scores).astype("float32"))
    print(json.dumps({"Python": platform.python_version(), "PyTorch": torch.__version__, "NumPy": np.__version__}))


main(*map(Path, sys.argv[1:]))
