"""The epoch of bench/recipes.ts in PyTorch: torchvision's transforms on PIL images in a DataLoader.

Usage: pytorch_epoch.py THREADS LAYOUT WORKERS
LAYOUT: eager, channels-last or compile. WORKERS: a number, or "fastest" to try 0, 1, 2 and 4 briefly first.
Writes a JSON object a line: what it runs on, then a round for each line on stdin, which holds the number of
images that the round should train on.
"""

# Runs after network.py, whose text bench/peers.ts puts before this one: BATCH_SIZE, DEVICE, build, say_ready and
# say_round are from there.
import sys
import time

import numpy
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

IMAGES = 60_000


class Images(Dataset):
    def __init__(self):
        draw = numpy.random.default_rng(1)
        self.pixels = draw.integers(0, 256, (IMAGES, 28, 28), dtype=numpy.uint8)
        self.change = transforms.Compose(
            [
                transforms.RandomCrop(28, padding=2),
                transforms.RandomHorizontalFlip(),
                transforms.RandomRotation(10, interpolation=transforms.InterpolationMode.BILINEAR),
                transforms.ToTensor(),
                transforms.Normalize((0.2860,), (0.3530,)),
                transforms.RandomErasing(0.5, (0.02, 0.2), value="random"),
            ]
        )

    def __len__(self):
        return IMAGES

    def __getitem__(self, index):
        return self.change(Image.fromarray(self.pixels[index])), index % 10


def main(threads, layout, workers):
    torch.set_num_threads(threads)
    memory_format = torch.contiguous_format if layout == "eager" else torch.channels_last
    network = build().to(DEVICE, memory_format=memory_format).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    forward = torch.compile(network) if layout == "compile" else network
    images = Images()

    def batches(workers):
        """Epoch after epoch; the workers stay."""
        loader = DataLoader(
            images,
            BATCH_SIZE,
            shuffle=True,
            drop_last=True,
            num_workers=workers,
            persistent_workers=workers > 0,
        )
        while True:
            yield from loader

    def train(count, source):
        start = time.perf_counter()
        seen = 0
        loss = None
        while seen < count:
            x, labels = next(source)
            x = x.to(DEVICE, memory_format=memory_format)
            labels = labels.to(DEVICE)
            optimizer.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(forward(x), labels)
            loss.backward()
            optimizer.step()
            seen += BATCH_SIZE
        return seen / (time.perf_counter() - start), loss.item()

    def tried(workers):
        source = batches(workers)
        train(5 * BATCH_SIZE, source)
        return train(25 * BATCH_SIZE, source)[0]

    train(3 * BATCH_SIZE, batches(0))
    workers = max((0, 1, 2, 4), key=tried) if workers == "fastest" else int(workers)
    source = batches(workers)
    # Starting the workers is not what is compared.
    train(BATCH_SIZE, source)
    say_ready(f"PyTorch {torch.__version__}, {layout}, {workers} DataLoader workers", threads)
    for line in sys.stdin:
        say_round(*train(int(line), source))


main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
