"""Checks an exported bundle with Python's own onnx and onnxruntime, on images and labels in IDX files.

    pip install onnx onnxruntime numpy pillow
    python check-bundle.py BUNDLE.zip IMAGES.gz LABELS.gz

Prints one JSON line: accuracy, correct, count, the largest difference from the probabilities that the
bundle expects for its golden images, and under an answer rule how many of its verdicts are others. Labels are class indices, in the order of the bundle's labels.
"""

import gzip
import hashlib
import io
import json
import sys
import zipfile

import numpy
import onnx
import onnxruntime
from PIL import Image

BATCH = 500


def read_idx(path):
    """The array of an IDX file of unsigned bytes."""
    with gzip.open(path) as file:
        data = file.read()
    zeros, kind, dimensions = int.from_bytes(data[:2], "big"), data[2], data[3]
    if zeros != 0 or kind != 8:
        sys.exit(f"{path}: expected an IDX file of unsigned bytes, received magic {data[:4].hex()}")
    shape = numpy.frombuffer(data, ">i4", dimensions, 4)
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * dimensions).reshape(shape)


def main(bundle, images_path, labels_path):
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    onnx.checker.check_model(files["model.onnx"], full_check=True)
    session = onnxruntime.InferenceSession(files["model.onnx"], providers=["CPUExecutionProvider"])
    _, height, width, channels = session.get_inputs()[0].shape

    def predict(pixels):
        shaped = pixels.reshape(-1, height, width, channels)
        batches = numpy.split(shaped, range(BATCH, len(shaped), BATCH))
        return numpy.concatenate([session.run(["probabilities"], {"image": batch})[0] for batch in batches])

    golden = json.loads(files["golden/expected.json"])
    pixels = [numpy.asarray(Image.open(io.BytesIO(files[f"golden/{sample['file']}"]))) for sample in golden]
    expected = numpy.array([sample["probabilities"] for sample in golden])
    difference = float(numpy.abs(predict(numpy.stack(pixels)) - expected).max())

    other_verdicts = None
    if "answerRule" in json.loads(files["manifest.json"]):
        said = session.run(["verdict"], {"image": numpy.stack(pixels).reshape(-1, height, width, channels)})[0]
        names = ["answer", "unsure", "unknown"]
        other_verdicts = sum(names[place] != sample["verdict"] for place, sample in zip(said, golden))

    images, labels = read_idx(images_path), read_idx(labels_path)
    correct = int((predict(images).argmax(axis=1) == labels).sum())
    report = {
        "accuracy": correct / len(labels),
        "correct": correct,
        "count": len(labels),
        "goldenDifference": difference,
        "otherVerdicts": other_verdicts,
        "model": hashlib.sha256(files["model.onnx"]).hexdigest(),
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
