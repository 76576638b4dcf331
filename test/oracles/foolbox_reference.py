"""Foolbox's answers to the cases of foolbox.ts.

Usage: foolbox_reference.py INPUTS ANSWERS. INPUTS/job.json names the model's folder and the cases; images.npy (NHWC)
and labels.npy lie beside it. Writes for case N, by epsilon, ANSWERS/N-success.npy, N-distance.npy and N-images.npy
(clipped), and prints the versions as JSON. Exit status 3: torch or foolbox cannot be imported; the reason is on stderr.
"""

import json
import platform
import sys
from pathlib import Path

try:
    import foolbox
    import numpy as np
    import torch
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

# More threads than free cores make each other wait, and these images are small.
torch.set_num_threads(1)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))
from fashion_deep import DeepNetwork, read_weights  # noqa: E402


def attack_of(name, options, targeted):
    """Our options in Foolbox's words."""
    norm = options.get("norm", "linf")
    if name == "fgsm":
        # Foolbox's own class takes no target; one unprojected step of its PGD is the same.
        one = foolbox.attacks.LinfProjectedGradientDescentAttack(rel_stepsize=1, steps=1, random_start=False)
        return (one if targeted else foolbox.attacks.LinfFastGradientAttack()), "linf"
    if name == "normed-gradient":
        return foolbox.attacks.L2FastGradientAttack(), "l2"
    if name == "pgd":
        kind = foolbox.attacks.LinfProjectedGradientDescentAttack if norm == "linf" else foolbox.attacks.L2ProjectedGradientDescentAttack
        return kind(rel_stepsize=1 / 30 if norm == "linf" else 1 / 40, abs_stepsize=options.get("stepSize"),
                    steps=options.get("steps", 40), random_start=False), norm
    if name == "deepfool":
        return foolbox.attacks.L2DeepFoolAttack(
            steps=options.get("steps", 50), candidates=options.get("candidates", 10), overshoot=options.get("overshoot", 0.02)), "l2"
    if name == "carlini-wagner":
        return foolbox.attacks.L2CarliniWagnerAttack(
            binary_search_steps=options["searches"], steps=options["steps"], stepsize=options.get("learningRate", 0.01),
            confidence=options.get("confidence", 0), initial_const=options.get("initialWeight", 0.01), abort_early=False), "l2"
    raise ValueError(name)


def main(inputs, answers):
    job = json.loads((inputs / "job.json").read_text())
    model = foolbox.PyTorchModel(DeepNetwork(read_weights(Path(job["model"]))).eval(), bounds=(0, 1))
    images = torch.from_numpy(np.load(inputs / "images.npy")).permute(0, 3, 1, 2).contiguous()
    labels = torch.from_numpy(np.load(inputs / "labels.npy")).long()
    for index, case in enumerate(job["cases"]):
        if case["targeted"]:
            criterion = foolbox.criteria.TargetedMisclassification((labels + 3) % 10)
        else:
            criterion = foolbox.criteria.Misclassification(labels)
        attack, norm = attack_of(case["method"], case["options"], case["targeted"])
        _, clipped, success = attack(model, images, criterion, epsilons=case["epsilons"] or [None])
        clipped = torch.stack(list(clipped)).detach()
        change = (clipped - images).flatten(2)
        if case["method"] == "carlini-wagner":
            # Where it finds nothing Foolbox returns black, and may count that as a success.
            success = success & (clipped.flatten(2).amax(2) > 0)
        np.save(answers / f"{index}-success.npy", success.numpy().astype("uint8"))
        distance = change.norm(dim=2) if norm == "l2" else change.abs().amax(2)
        np.save(answers / f"{index}-distance.npy", distance.numpy())
        np.save(answers / f"{index}-images.npy", np.ascontiguousarray(clipped.permute(0, 1, 3, 4, 2).numpy()))
    versions = {"Python": platform.python_version(), "PyTorch": torch.__version__, "Foolbox": foolbox.__version__}
    print(json.dumps(versions))


main(*map(Path, sys.argv[1:]))
