"""What passes between the child and the workloads."""

from dataclasses import dataclass, replace

import torch


@dataclass
class Context:
    model: torch.nn.Module
    images: torch.Tensor
    labels: torch.Tensor
    #: "tuned" or "usual"
    style: str
    #: "contiguous" or "channels_last"
    layout: str
    #: Perturbed images at once, or None for the library's default.
    batch: int | None
    folder: object
    #: Images and labels on which a trained network is judged.
    test: tuple | None = None

    @property
    def tuned(self):
        return self.style == "tuned"

    def first(self, count):
        return self if count >= len(self.images) else replace(self, images=self.images[:count], labels=self.labels[:count])


@dataclass
class Outcome:
    #: A tensor, or a function that makes one when it is asked for.
    values: object
    #: Iterations taken, where the method decides that.
    work: int | None = None
