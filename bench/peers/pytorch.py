"""The network of bench/network.ts in PyTorch, measured the way bench/modes.ts measures.

Usage: pytorch.py MODE THREADS   (MODE: pytorch-eager, pytorch-channels-last, pytorch-compile)
Writes a JSON object a line: what it runs on, then the images per second of a round
for each line on stdin, which holds the seconds the round should take.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional

BATCH_SIZE = 128
PARAMETERS = 65_834


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


def main(mode, threads):
    torch.set_num_threads(threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = build().to(device).train()
    x = torch.randn(BATCH_SIZE, 1, 28, 28, device=device)
    labels = (torch.arange(BATCH_SIZE) % 10).to(device)
    if mode != "pytorch-eager":
        network = network.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    forward = torch.compile(network) if mode == "pytorch-compile" else network

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(forward(x), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(3):
        step()
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    say(ready=True, library=f"PyTorch {torch.__version__}", device=name, threads=threads)
    for line in sys.stdin:
        start = time.perf_counter()
        until = start + float(line)
        steps = 0
        while True:
            loss = step()
            steps += 1
            now = time.perf_counter()
            if now >= until:
                break
        say(imagesPerSecond=steps * BATCH_SIZE / (now - start), loss=loss)


def say(**fields):
    print(json.dumps(fields), flush=True)


main(sys.argv[1], int(sys.argv[2]))
