"""Reads a folder of pictures with Pillow in two processes: read, hash, decode, thumbnail of 128 pixels, encode.

Usage: pillow_intake.py FOLDER PROCESSES
Writes a JSON object a line: what it runs on, then the images per second of a round for each line on stdin. The processes
are started before, and give way to others as Atelier's worker does; a round is the reading alone.
"""

import hashlib
import io
import json
import os
import resource
import sys
import time
from multiprocessing import Pool

import PIL
from PIL import Image


# What Node calls PRIORITY_BELOW_NORMAL.
BELOW_NORMAL = 10


def give_way():
    if hasattr(os, "nice"):
        os.nice(BELOW_NORMAL)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    image = Image.open(io.BytesIO(data))
    # The whole file, as an import does, so that a damaged one is found.
    image.load()
    image = image.convert("RGB")
    image.thumbnail((128, 128))
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=85)
    return digest, encoded.getvalue()


def say(**fields):
    print(json.dumps(fields), flush=True)


def main(folder, processes):
    paths = sorted(
        os.path.join(where, name) for where, _, names in os.walk(folder) for name in names
    )
    with Pool(processes, give_way) as pool:
        pool.map(read, paths[: processes * 8])
        say(ready=True, library=f"Pillow {PIL.__version__}", device="CPU", threads=processes)
        for _ in sys.stdin:
            start = time.perf_counter()
            count = sum(1 for _ in pool.imap_unordered(read, paths, chunksize=16))
            seconds = time.perf_counter() - start
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
            say(imagesPerSecond=count / seconds, loss=0, peakBytes=peak)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
