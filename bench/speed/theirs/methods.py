"""The workloads in PyTorch, Captum and Foolbox. Each is a function of a Context and the options; it returns
an Outcome."""

from unittest import mock

import captum
import foolbox
import numpy as np
import torch
from captum.attr import GuidedBackprop, IntegratedGradients, NoiseTunnel, Occlusion, Saliency

from attacks import class_visualization, fooling, pgd
from outcome import Outcome
from training import train


def logits(c, options):
    with torch.inference_mode() if c.tuned else torch.no_grad():
        return Outcome(c.model(c.images))


def gradient(c, options):
    x = c.images.detach().requires_grad_()
    scores = c.model(x).gather(1, c.labels[:, None]).sum()
    if c.tuned:
        return Outcome(torch.autograd.grad(scores, x)[0])
    # CS231n's and PyTorch's tutorials call backward(), which also takes the weights' gradients.
    c.model.zero_grad()
    scores.backward()
    return Outcome(x.grad)


def saliency(c, options):
    return Outcome(Saliency(c.model).attribute(c.images, target=c.labels, abs=False))


def guided_backprop(c, options):
    return Outcome(GuidedBackprop(c.model).attribute(c.images, target=c.labels))


def integrated_gradients(c, options):
    explain = IntegratedGradients(c.model)
    if len(c.images) > 100:
        # All steps of all images at once would take tens of gigabytes: some images at a time, as one must.
        part = c.batch or 100
        return Outcome(torch.cat([explain.attribute(x, target=t, n_steps=options["steps"]) for x, t in zip(c.images.split(part), c.labels.split(part))]))
    return Outcome(explain.attribute(c.images, target=c.labels, n_steps=options["steps"], internal_batch_size=c.batch))


def smoothgrad(c, options, noise=None):
    explain, given = NoiseTunnel(Saliency(c.model)), {}
    if c.batch and noise is None:
        given["nt_samples_batch_size"] = c.batch

    def attribute():
        return explain.attribute(c.images, target=c.labels, abs=False, nt_samples=options["samples"], stdevs=options["sigma"], **given)
    if noise is None:
        return Outcome(attribute())
    # Captum draws its noise in one call for all the noisy copies, each image's one after the other.
    with mock.patch("torch.normal", return_value=noise.repeat(len(c.images), 1, 1, 1)):
        return Outcome(attribute())


def occlusion(c, options):
    with torch.inference_mode() if c.tuned else torch.no_grad():
        return Outcome(Occlusion(c.model).attribute(
            c.images, target=c.labels, sliding_window_shapes=(3, options["window"], options["window"]),
            strides=(3, options["stride"], options["stride"]), perturbations_per_eval=c.batch or 1))


METHODS = {
    "logits": logits, "gradient": gradient, "saliency": saliency, "guided-backprop": guided_backprop, "integrated-gradients": integrated_gradients,
    "smoothgrad": smoothgrad, "occlusion": occlusion, "class-visualization": class_visualization, "fooling": fooling, "pgd": pgd, "train": train,
}
VERSIONS = f"PyTorch {torch.__version__}, Captum {captum.__version__}, Foolbox {foolbox.__version__}"


def check(c, method, options):
    """The same on what must be shared for a comparison."""
    if method == "smoothgrad":
        return smoothgrad(c, options, torch.from_numpy(np.load(c.folder / "noise.npy")).permute(0, 3, 1, 2))
    return METHODS[method](c, options)
