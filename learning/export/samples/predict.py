"""Classifies images with the model.onnx beside this file.

    pip install onnxruntime numpy pillow
    python predict.py IMAGE [IMAGE ...] [--json]

Where the run was given an answer rule, the model also says a verdict: answer, unsure or unknown (unlike
all training images).
Files that cannot be classified are skipped and named with the reason; the exit code is then 1.
"""

import hashlib
import json
import sys
import unicodedata
from pathlib import Path

import numpy
import onnxruntime
from PIL import Image, ImageOps

# The formats that this program is known to read as the studio does, as Pillow calls them.
Image.init()
FORMATS = [name for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF") if name in Image.OPEN]
Image.MAX_IMAGE_PIXELS = 100_000_000  # twice as many are an error, more than these a warning


def visible(text):
    """The text with its control characters shown, as \\x1b, and not obeyed by the terminal."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    joiners = "\u200c\u200d"
    return "".join(
        character.encode("unicode_escape", "surrogatepass").decode()
        if unicodedata.category(character) in hidden and character not in joiners
        else character
        for character in text
    )


def verified(folder, name):
    """The bytes of a file of this bundle, if they are those that manifest.json lists."""
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    listed = {file["name"]: file["sha256"] for file in files}
    content = (folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != listed.get(name):
        sys.exit(f"{name} is not the file that manifest.json lists: take another copy of the bundle")
    return content


def prepare(image, height, width, channels, fit):
    """Brings a Pillow image to the network's size: uint8 [1, height, width, channels].

    Scaling, normalisation and softmax are inside the model.
    """
    if image.mode[0] in "IF" or any(";16" in str(tile) for tile in image.tile):
        raise ValueError("it has more than 8 bits a channel, which are not read here")
    image = ImageOps.exif_transpose(image)
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


def read(path, shape, fit):
    """An image file as the network takes it, and None, or None and the reason why it cannot be had."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            return prepare(image, *shape, fit), None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return None, str(error) or type(error).__name__


def main(arguments):
    as_json = "--json" in arguments
    paths = [argument for argument in arguments if argument != "--json"]
    if not paths:
        sys.exit(__doc__)
    model = verified(Path(__file__).resolve().parent, "model.onnx")
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    about = session.get_modelmeta().custom_metadata_map
    classes = json.loads(about["classes"])
    shape = session.get_inputs()[0].shape[1:]
    names = [output.name for output in session.get_outputs()]

    skipped = 0
    for path in paths:
        pixels, reason = read(path, shape, about["fit"])
        if pixels is None:
            skipped += 1
            if as_json:
                print(json.dumps({"image": path, "error": reason}))
            print(f"skipped {visible(path)}: {visible(reason)}", file=sys.stderr)
            continue
        outputs = dict(zip(names, session.run(names, {"image": pixels})))
        probabilities = outputs["probabilities"][0].tolist()
        judged = {}
        if "verdict" in outputs:
            verdict = ("answer", "unsure", "unknown")[int(outputs["verdict"][0])]
            judged = {"verdict": verdict, "novelty": float(outputs["novelty"][0])}
        if not (all(0 <= value <= 1.001 for value in probabilities) and abs(sum(probabilities) - 1) <= 0.001):
            sys.exit("the model answered with no probabilities: take another copy of the bundle")
        if as_json:
            print(json.dumps({"image": path, "probabilities": dict(zip(classes, probabilities)), **judged}))
            continue
        print(visible(path) + (f"  [{judged['verdict']}]" if judged else ""))
        for name, probability in sorted(zip(classes, probabilities), key=lambda pair: -pair[1]):
            print(f"{100 * probability:7.2f} %  {visible(name)}")
    if skipped:
        sys.exit(f"{skipped} of {len(paths)} images were skipped")


if __name__ == "__main__":
    main(sys.argv[1:])
