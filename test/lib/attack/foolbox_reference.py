"""Foolbox's answers to the questions in a job file, for foolbox.test.ts.

Usage: foolbox_reference.py FOLDER. FOLDER/job.json names the model's folder, the labels and the cases; images.npy lies beside it
(NHWC). Writes FOLDER/N-E.npy, the clipped images of case N at its epsilon E, and FOLDER/answers.json: success and distances.
Exit status 3: torch or foolbox cannot be imported; the reason is on stderr.
"""

import json
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
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "helpers"))
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


def main(folder):
    job = json.loads((folder / "job.json").read_text())
    model = foolbox.PyTorchModel(DeepNetwork(read_weights(Path(job["model"]))).eval(), bounds=(0, 1))
    images = torch.from_numpy(np.load(folder / "images.npy")).permute(0, 3, 1, 2).contiguous()
    answers = []
    for index, case in enumerate(job["cases"]):
        classes = torch.tensor(case["classes"])
        criterion = foolbox.criteria.TargetedMisclassification(classes) if case["targeted"] else foolbox.criteria.Misclassification(classes)
        attack, norm = attack_of(case["method"], case["options"], case["targeted"])
        epsilons = case["epsilons"]
        _, clipped, success = attack(model, images, criterion, epsilons=epsilons or [None])
        sizes = []
        for e, images_e in enumerate(clipped):
            change = (images_e - images).flatten(1)
            sizes.append((change.norm(dim=1) if norm == "l2" else change.abs().amax(1)).tolist())
            np.save(folder / f"{index}-{e}.npy", np.ascontiguousarray(images_e.detach().permute(0, 2, 3, 1).numpy()))
        if case["method"] == "carlini-wagner":
            # Where it finds nothing Foolbox returns black, and may count that as a success.
            success = success & torch.stack([images_e.flatten(1).amax(1) > 0 for images_e in clipped])
        answers.append({"success": success.tolist(), "distance": sizes})
    (folder / "answers.json").write_text(json.dumps(answers))
    print(f"PyTorch {torch.__version__}, Foolbox {foolbox.__version__}")


main(Path(sys.argv[1]))
