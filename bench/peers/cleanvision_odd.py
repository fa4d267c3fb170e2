"""Dark, bright, blurry and single-coloured images planted in a folder of photographs: what cleanvision finds of them, beside Atelier.

Usage: cleanvision_odd.py plant FOLDER OUT          writes OUT, and what was planted into OUT.json
       cleanvision_odd.py compare OUT IMAGES.jsonl FINDINGS.jsonl
The last two are what `atelier images P --limit 0 --json` and `atelier findings P --kind KIND --json` print, one kind after another.
"""

import json
import random
import sys
from pathlib import Path

names = {"dark": "dark", "bright": "light", "blurry": "blurry", "single-colour": "low_information"}
each = 20
seed = 5


def plant(source, out):
    from PIL import Image, ImageEnhance, ImageFilter

    random.seed(seed)
    files = sorted(source.glob("*/*"))
    chosen = random.sample(files, each * len(names))
    kinds = {path: list(names)[at // each] for at, path in enumerate(chosen)}
    for path in files:
        to = out / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        kind = kinds.get(path)
        if kind is None:
            to.write_bytes(path.read_bytes())
            continue
        image = Image.open(path)
        if kind == "dark":
            image = ImageEnhance.Brightness(image).enhance(random.uniform(0.08, 0.2))
        elif kind == "bright":
            image = ImageEnhance.Brightness(image).enhance(random.uniform(3, 5))
        elif kind == "blurry":
            image = image.filter(ImageFilter.GaussianBlur(random.uniform(5, 12)))
        else:
            image = Image.new("RGB", image.size, tuple(random.randrange(256) for _ in range(3)))
        image.save(to, quality=90)
    planted = {str(path.relative_to(source)): kind for path, kind in kinds.items()}
    Path(f"{out}.json").write_text(json.dumps(planted))


def compare(out, images, findings):
    from cleanvision import Imagelab

    planted = json.loads(Path(f"{out}.json").read_text())
    lines = [json.loads(line) for line in open(images)]
    name_of = {line["id"]: line["name"] for line in lines if line["event"] == "image"}
    ours = {
        line["kind"]: {name_of[item] for entry in line["entries"] for item in entry["itemIds"]}
        for line in map(json.loads, open(findings))
        if line["event"] == "finding"
    }
    lab = Imagelab(data_path=str(out))
    lab.find_issues(verbose=False)
    for kind, issue in names.items():
        flagged = lab.issues.index[lab.issues[f"is_{issue}_issue"]]
        theirs = {str(Path(path).resolve().relative_to(out.resolve())) for path in flagged}
        there = {name for name, was in planted.items() if was == kind}
        told = [f"{len(found & there)} of {each} and {len(found - set(planted))} others" for found in (ours[kind], theirs)]
        print(f"{kind}: Atelier {told[0]}, cleanvision {told[1]}")


if sys.argv[1] == "plant":
    plant(Path(sys.argv[2]), Path(sys.argv[3]))
else:
    compare(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
