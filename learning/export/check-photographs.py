"""Checks that a bundle answers in Python as the studio does, on the photographs of a project.

Usage: check-photographs.py BUNDLE.zip PROJECT FOLDER PREDICTIONS.jsonl
FOLDER was imported as the project's only source; PREDICTIONS.jsonl is what `atelier predict PROJECT FOLDER --json` wrote.
The very pixels of the studio, from the packs of the project, go to onnxruntime. Needs numpy and onnxruntime.
"""

import io
import json
import sqlite3
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime

BATCH = 32


def packs(project, count, side):
    """Each pack of images of this size: uint8 [count, side, side, 3]."""
    size = count * side * side * 3
    for path in sorted((project / "packs").glob("tensor-*.u8")):
        # Behind the pixels stands a trailer of 72 bytes.
        if path.stat().st_size == size + 72:
            yield np.fromfile(path, np.uint8, size).reshape(count, side, side, 3)


def compare(session, classes, pixels, expected):
    """Greatest difference of a probability, and how many images get another class."""
    difference, changed = 0.0, 0
    name = session.get_inputs()[0].name
    for start in range(0, len(pixels), BATCH):
        (answers,) = session.run(None, {name: pixels[start : start + BATCH]})
        for answer, said in zip(answers, expected[start : start + BATCH]):
            probabilities = np.array([said["probabilities"][label] for label in classes])
            difference = max(difference, float(np.abs(answer - probabilities).max()))
            changed += classes[int(answer.argmax())] != said["predicted"]
    return difference, changed


def main(bundle, project, folder, predictions):
    model = zipfile.ZipFile(bundle).read("model.onnx")
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
    side = session.get_inputs()[0].shape[1]
    database = sqlite3.connect(f"file:{Path(project) / 'project.sqlite'}?mode=ro", uri=True)
    names = [name for (name,) in database.execute("SELECT name FROM items ORDER BY id")]
    with io.open(predictions, encoding="utf-8") as lines:
        said = [json.loads(line) for line in lines]
    by_name = {
        Path(one["file"]).resolve().relative_to(Path(folder).resolve()).as_posix(): one
        for one in said
        if one["event"] == "prediction"
    }
    expected = [by_name[name] for name in names]
    # Packs of other framings are other pixels: the bundle's is the one that it agrees with.
    results = [
        compare(session, classes, pixels, expected)
        for pixels in packs(Path(project), len(names), side)
    ]
    if not results:
        sys.exit("The project has no pack of images of the bundle's size: predict or train with the run first.")
    difference, changed = min(results)
    print(f"{len(names)} photographs: largest difference {difference:.1e}, {changed} changed")


if __name__ == "__main__":
    main(*sys.argv[1:])
