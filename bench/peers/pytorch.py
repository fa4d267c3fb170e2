"""A training step of network.py, measured the way bench/modes.ts measures.

Usage: pytorch.py MODE THREADS   (MODE: pytorch-eager, pytorch-channels-last, pytorch-compile, pytorch-bfloat16)
Writes a JSON object a line: what it runs on, then the images per second of a round
for each line on stdin, which holds the seconds the round should take.
"""

# Runs after network.py, whose text bench/peers.ts puts before this one: BATCH_SIZE, DEVICE, build, say_ready and
# say_round are from there.
import contextlib
import sys
import time

import torch
from torch.nn import functional


def main(mode, threads):
    torch.set_num_threads(threads)
    network = build().to(DEVICE).train()
    x = torch.randn(BATCH_SIZE, 1, 28, 28, device=DEVICE)
    labels = (torch.arange(BATCH_SIZE) % 10).to(DEVICE)
    if mode != "pytorch-eager":
        network = network.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    compiled = mode in ("pytorch-compile", "pytorch-bfloat16")
    forward = torch.compile(network) if compiled else network

    def precision():
        if mode == "pytorch-bfloat16":
            return torch.autocast(DEVICE, dtype=torch.bfloat16)
        return contextlib.nullcontext()

    def step():
        optimizer.zero_grad(set_to_none=True)
        with precision():
            loss = functional.cross_entropy(forward(x), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(3):
        step()
    say_ready(f"PyTorch {torch.__version__}", threads)
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
        say_round(steps * BATCH_SIZE / (now - start), loss)


main(sys.argv[1], int(sys.argv[2]))
