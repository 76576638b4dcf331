"""PyTorch's side on the same graphics card, and the comparison. Arguments: FOLDER OURS.json OUT.json [quick].

Captum's methods are written out as the loops that it runs, with as many images at once as are fastest here: it need not be
installed. Each row is measured with products of float32 (`ms`) and with PyTorch's default for convolutions, TF32 (`tf32Ms`).
"""

import json
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1] / "speed" / "theirs"))
from networks import load  # noqa: E402

folder, ours_file, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
quick = sys.argv[4:] == ["quick"]
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
MANY, FEW, STEPS, WINDOW, STRIDE, ITERATIONS, PGD_STEPS = (2, 2, 2, 128, 112, 2, 2) if quick else (25, 5, 50, 32, 16, 200, 40)
MEAN, STD = (torch.tensor(v, device=device).view(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))

photographs = torch.from_numpy(np.load(folder / "photographs.npy")).float().div(255).permute(0, 3, 1, 2).to(device)
squeezenet = load("squeezenet1_1", folder).eval().requires_grad_(False).to(device)
deit = load("deit_tiny", folder).eval().requires_grad_(False).to(device)


def images(count):
    return photographs.repeat((count + 4) // 5, 1, 1, 1)[:count].contiguous()


def target(count):
    return torch.tensor([(i % 5) * 100 for i in range(count)], device=device)


def forward(count):
    x = images(count)

    def run():
        with torch.inference_mode():
            return squeezenet(x)
    return run


def input_gradient(model, x, classes):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(model(x).gather(1, classes[:, None]).sum(), x)[0]


def gradient(model, count):
    x, classes = images(count), target(count)
    return lambda: input_gradient(model, x, classes)


def integrated_gradients():
    x, classes = images(FEW), target(FEW)
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    nodes, weights = (torch.tensor(v, dtype=torch.float32, device=device) for v in ((nodes + 1) / 2, weights / 2))

    def run():
        path = (nodes.view(-1, 1, 1, 1, 1) * x).flatten(0, 1)
        g = input_gradient(squeezenet, path, classes.repeat(STEPS)).view(STEPS, FEW, *x.shape[1:])
        return x * torch.tensordot(weights, g, 1)
    return run


def smoothgrad():
    x, classes = images(FEW), target(FEW)

    def run():
        noisy = (x + 0.15 * torch.randn(STEPS, *x.shape, device=device)).flatten(0, 1)
        return input_gradient(squeezenet, noisy, classes.repeat(STEPS)).view(STEPS, FEW, *x.shape[1:]).mean(0)
    return run


def occlusion():
    x, classes = images(FEW), target(FEW)
    starts = range(0, 224 - WINDOW + STRIDE, STRIDE)
    masks = torch.zeros(len(starts) ** 2, 1, 1, 224, 224, device=device)
    for k, (i, j) in enumerate((i, j) for i in starts for j in starts):
        masks[k, ..., i:i + WINDOW, j:j + WINDOW] = 1

    def run():
        with torch.inference_mode():
            logit = lambda y: squeezenet(y).gather(1, classes.repeat(len(y) // FEW)[:, None]).view(-1, FEW)
            falls = logit(x) - logit((x * (1 - masks)).flatten(0, 1))
            # Captum averages where windows overlap.
            total = torch.einsum("kb,khw->bhw", falls, masks[:, 0, 0]) / masks[:, 0, 0].sum(0)
            return total[:, None].expand(-1, 3, -1, -1)
    return run


def class_visualization():
    """CS231n's create_class_visualization; the blur on the card."""
    low, high = (0 - MEAN) / STD, (1 - MEAN) / STD
    taps = torch.exp(-torch.arange(-2, 3, device=device) ** 2 / (2 * 0.5 ** 2))
    taps = (taps / taps.sum()).repeat(3, 1)

    def blur(x):
        x = torch.nn.functional.conv2d(torch.nn.functional.pad(x, (2, 2, 2, 2), "replicate"), taps.view(3, 1, 5, 1), groups=3)
        return torch.nn.functional.conv2d(x, taps.view(3, 1, 1, 5), groups=3)

    def run():
        x = torch.randn(1, 3, 224, 224, device=device)
        for t in range(ITERATIONS):
            shift = np.random.randint(0, 17, 2).tolist()
            x = torch.roll(x, shift, (2, 3)).detach().requires_grad_()
            score = squeezenet(x * STD + MEAN)[0, 76]
            g = torch.autograd.grad(score - 1e-3 * (x ** 2).sum(), x)[0]
            with torch.no_grad():
                x = torch.roll(x + 25 * g / g.norm(), [-s for s in shift], (2, 3))
                x = torch.max(torch.min(x, high), low)
                x = blur(x) if t % 10 == 0 else x
        return (x.detach() * STD + MEAN).clamp(0, 1)
    return run


def pgd():
    x, epsilon, step = images(MANY), 8 / 255, 8 / 255 / 30

    def run():
        with torch.no_grad():
            classes = squeezenet(x).argmax(1)
        at = (x + epsilon * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
        for _ in range(PGD_STEPS):
            at = at.detach().requires_grad_()
            loss = torch.nn.functional.cross_entropy(squeezenet(at), classes, reduction="sum")
            g = torch.autograd.grad(loss, at)[0]
            at = torch.min(torch.max(at.detach() + step * g.sign(), x - epsilon), x + epsilon).clamp(0, 1)
        return at
    return run


ROWS = {
    "forward-1": (lambda: forward(1), 50), "forward-25": (lambda: forward(MANY), 30),
    "gradient-1": (lambda: gradient(squeezenet, 1), 50), "gradient-25": (lambda: gradient(squeezenet, MANY), 30),
    "saliency-25": (lambda: gradient(squeezenet, MANY), 30),
    "ig-50x5": (integrated_gradients, 10), "smoothgrad-50x5": (smoothgrad, 10), "occlusion-32-16x5": (occlusion, 10),
    "class-visualization-200": (class_visualization, 3), "pgd-40x25": (pgd, 3), "deit-saliency-5": (lambda: gradient(deit, FEW), 30),
}
#: Where chance differs between the two sides, values cannot be compared.
COMPARED = ["forward-1", "forward-25", "gradient-1", "gradient-25", "saliency-25", "ig-50x5", "occlusion-32-16x5", "deit-saliency-5"]


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize()


def measured(run, repetitions):
    times = []
    for i in range(repetitions + 1):
        wait()
        started = time.perf_counter()
        values = run()
        values.cpu()
        wait()
        if i > 0:
            times.append(1000 * (time.perf_counter() - started))
    return values, times


def difference(name, values):
    """From Vitrine's values: the largest difference relative to the largest value, and the mean relative to the mean."""
    theirs = values.permute(0, 2, 3, 1) if values.ndim == 4 else values
    theirs, ours = theirs.cpu().numpy(), np.load(folder / f"ours-{name}.npy")
    apart, size = np.abs(ours - theirs), np.abs(theirs)
    return [float(apart.max() / size.max()), float(apart.mean() / size.mean())]


report = {"device": torch.cuda.get_device_name() if device.type == "cuda" else "CPU", "torch": torch.__version__, "cuda": torch.version.cuda, "rows": []}
for name, (make, repetitions) in ROWS.items():
    row = {"name": name}
    try:
        run = make()
        for key, tf32 in (("ms", False), ("tf32Ms", True)):
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32
            torch.backends.cudnn.benchmark = True
            values, row[key] = measured(run, 2 if quick else repetitions)
            if name in COMPARED:
                row["relativeDifference" + ("Tf32" if tf32 else "")] = difference(name, values)
    except Exception:
        row["error"] = traceback.format_exc()
    report["rows"].append(row)
    print(json.dumps({**row, **{k: min(row[k]) for k in ("ms", "tf32Ms") if row.get(k)}}), flush=True)
    out.write_text(json.dumps(report, indent=1))
