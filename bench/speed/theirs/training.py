"""One epoch of the deep network in PyTorch: as its tutorials train, or with what is faster."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from outcome import Outcome


def deep_network(dropout):
    layers, channels = [], 1
    for block, filters in enumerate([32, 48, 64, 64, 64, 64]):
        conv = nn.Conv2d(channels, filters, 3, padding=1)
        nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.zeros_(conv.bias)
        layers += [conv, nn.ReLU()] + ([nn.MaxPool2d(2)] if block < 2 else [])
        channels = filters
    dense = nn.Linear(64 * 49, 10)
    nn.init.xavier_normal_(dense.weight)
    nn.init.zeros_(dense.bias)
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(dropout), dense)


def batches(c, size):
    if c.tuned:
        for picked in torch.randperm(len(c.images)).split(size):
            yield c.images[picked], c.labels[picked]
    else:
        yield from DataLoader(TensorDataset(c.images, c.labels), batch_size=size, shuffle=True)


def train(c, options):
    torch.manual_seed(options["seed"])
    layout = torch.channels_last if c.layout == "channels_last" else torch.contiguous_format
    model = deep_network(options["dropout"]).to(memory_format=layout).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=options["learningRate"], fused=c.tuned)
    steps = math.ceil(len(c.images) / options["batchSize"])
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))
    loss_of, right = nn.CrossEntropyLoss(), 0.0
    for x, y in batches(c, options["batchSize"]):
        scores = model(x)
        loss = loss_of(scores, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        # Ours tells both after every minibatch, as the tutorials do.
        loss.item()
        right += (scores.argmax(1) == y).sum().item()

    def accuracy():
        model.eval()
        with torch.inference_mode():
            guesses = torch.cat([model(x).argmax(1) for x in c.test[0].split(500)])
        return (guesses == c.test[1]).float().mean()
    return Outcome(accuracy)
