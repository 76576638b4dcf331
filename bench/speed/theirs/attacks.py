"""Attacks and class visualization: CS231n's own loops and Foolbox, as Outcomes."""

import foolbox
import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from outcome import Outcome

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def input_gradient(c, x, score):
    """Without the weights' gradients where tuned; as CS231n's notebooks take it, else."""
    if c.tuned:
        return torch.autograd.grad(score, x)[0]
    c.model.zero_grad()
    score.backward()
    return x.grad


def fooling(c, options):
    """CS231n's make_fooling_image: x lives in the normalised space."""
    image, taken = c.images, 0
    z = (image - MEAN) / STD
    for taken in range(options["maxIterations"] + 1):
        z = z.detach().requires_grad_()
        # The network takes pixels; what leaves their range is judged as it will be shown.
        scores = c.model(z * STD + MEAN)
        if scores.argmax(1).item() == options["class"] or taken == options["maxIterations"]:
            break
        g = input_gradient(c, z, scores[0, options["class"]])
        with torch.no_grad():
            z = z + options["learningRate"] * g / g.norm()
    return Outcome((z.detach() * STD + MEAN) - image, taken)


def class_visualization(c, options):
    """CS231n's create_class_visualization, line by line."""
    low, high = (0 - MEAN) / STD, (1 - MEAN) / STD
    photograph, layout = options.get("fromPhotograph", False), torch.channels_last if c.layout == "channels_last" else torch.contiguous_format
    x = ((c.images - MEAN) / STD if photograph else torch.randn(1, 3, 224, 224)).to(memory_format=layout)
    for t in range(options["iterations"]):
        shift = np.load(c.folder / "shift.npy").tolist() if photograph else np.random.randint(0, options["jitter"] + 1, 2).tolist()
        x = torch.roll(x, shift, (2, 3)).detach().requires_grad_()
        score = c.model(x * STD + MEAN)[0, options["class"]]
        score.item()
        g = input_gradient(c, x, score - options["l2Regularization"] * (x ** 2).sum())
        with torch.no_grad():
            x = torch.roll(x + options["learningRate"] * g / g.norm(), [-s for s in shift], (2, 3))
            x = torch.max(torch.min(x, high), low)
            if t % options["blurEvery"] == 0:
                blurred = gaussian_filter1d(gaussian_filter1d(x.numpy(), options["blurSigma"], axis=2), options["blurSigma"], axis=3)
                x = torch.from_numpy(blurred).to(memory_format=layout)
    return Outcome((x.detach() * STD + MEAN).clamp(0, 1) - c.images)


def pgd(c, options):
    attack = foolbox.attacks.LinfPGD(abs_stepsize=options["stepSize"], steps=options["steps"], random_start=options["randomStart"])
    model = foolbox.PyTorchModel(c.model, bounds=(0, 1))
    # Ours leaves the class that is predicted.
    with torch.no_grad():
        predicted = c.model(c.images).argmax(1)
    raw, clipped, success = attack(model, c.images, predicted, epsilons=options["epsilon"])
    return Outcome(clipped - c.images)
