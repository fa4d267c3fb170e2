"""Runs a backbone with onnxruntime on made pictures, in batches of 16.

Usage: onnxruntime_backbone.py FILE SIDE THREADS
Writes a JSON object a line: what it runs on, then the images per second of a round for each line on stdin, the seconds
it should take. `loss` is the sum of the features of the first picture, for whoever compares.
"""

import json
import resource
import sys
import time

import numpy as np
import onnxruntime

BATCH = 16


def pictures(side):
    """The same bytes as bench/backbone-mode.ts makes."""
    index = np.arange(BATCH * side * side * 3, dtype=np.uint64)
    return ((index * 2654435761 % 4294967296) >> 24).astype(np.uint8).reshape(BATCH, side, side, 3)


def say(**fields):
    print(json.dumps(fields), flush=True)


def main(path, side, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    batch = {given.name: pictures(side)}
    for _ in range(2):
        session.run(None, batch)
    say(ready=True, library=f"onnxruntime {onnxruntime.__version__}", device="CPU", threads=threads)
    for line in sys.stdin:
        start = time.perf_counter()
        count = 0
        while count == 0 or time.perf_counter() - start < float(line):
            (features,) = session.run(None, batch)
            count += BATCH
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        say(imagesPerSecond=count / seconds, loss=float(features[0].sum()), peakBytes=peak)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
