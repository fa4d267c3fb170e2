"""Classifies images with the model.onnx beside this file.

    pip install onnxruntime numpy pillow
    python predict.py IMAGE [IMAGE ...] [--json]
"""

import json
import sys
from pathlib import Path

import numpy
import onnxruntime
from PIL import Image, ImageOps


def prepare(image, height, width, channels, fit):
    """Brings a Pillow image to the network's size: uint8 [1, height, width, channels].

    Scaling, normalisation and softmax are inside the model.
    """
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = Image.fromarray((numpy.asarray(image) // 257).astype(numpy.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    if image.size != (width, height):
        lanczos = Image.Resampling.LANCZOS
        if fit == "letterbox":  # all of the image, black bars beside it
            image = ImageOps.pad(image, (width, height), lanczos, color="black")
        elif fit == "crop":  # the middle of the image
            scale = max(width / image.width, height / image.height)
            cover = round(image.width * scale), round(image.height * scale)
            left, top = (cover[0] - width + 1) // 2, (cover[1] - height + 1) // 2
            image = image.resize(cover, lanczos).crop((left, top, left + width, top + height))
        else:  # stretch
            image = image.resize((width, height), lanczos)
    if channels == 1:
        image = image.convert("L")  # luminance, ITU-R BT.601
    return numpy.asarray(image, numpy.uint8).reshape(1, height, width, channels)


def main(arguments):
    paths = [argument for argument in arguments if argument != "--json"]
    if not paths:
        sys.exit(__doc__)
    model = Path(__file__).resolve().parent / "model.onnx"
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    about = session.get_modelmeta().custom_metadata_map
    classes = json.loads(about["classes"])
    _, height, width, channels = session.get_inputs()[0].shape

    for path in paths:
        with Image.open(path) as image:
            pixels = prepare(image, height, width, channels, about["fit"])
        probabilities = session.run(["probabilities"], {"image": pixels})[0][0].tolist()
        if "--json" in arguments:
            print(json.dumps({"image": path, "probabilities": dict(zip(classes, probabilities))}))
            continue
        print(path)
        for name, probability in sorted(zip(classes, probabilities), key=lambda pair: -pair[1]):
            print(f"{100 * probability:7.2f} %  {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
