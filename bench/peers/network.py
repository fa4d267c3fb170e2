"""The network of bench/network.ts in PyTorch, and how a peer answers; shared by the scripts beside this one.

bench/peers.ts puts this text before that of pytorch.py or pytorch_epoch.py, and Python runs the two as one script:
what is defined here is theirs to use without an import.
"""

import json
import resource

import torch
from torch import nn

BATCH_SIZE = 128
PARAMETERS = 65_834
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def block(inputs, outputs, pooled):
    layers = [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3),
        nn.ReLU(),
    ]
    return layers + [nn.MaxPool2d(2)] if pooled else layers


def build():
    network = nn.Sequential(
        *block(1, 32, False),
        *block(32, 32, True),
        *block(32, 64, True),
        *block(64, 64, False),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
    assert sum(p.numel() for p in network.parameters()) == PARAMETERS
    return network


def say(**fields):
    """A line as bench/lines.ts describes it."""
    print(json.dumps(fields), flush=True)


def say_ready(library, threads):
    name = torch.cuda.get_device_name() if DEVICE == "cuda" else "CPU"
    say(ready=True, library=library, device=name, threads=threads)


def say_round(speed, loss):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    say(imagesPerSecond=speed, loss=loss, peakBytes=peak)
