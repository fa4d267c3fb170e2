"""What cleanvision finds of the altered copies that `npm run bench:altered-copies` adds to a folder, beside what Atelier finds.

Usage: cleanvision_copies.py FOLDER IMAGES.jsonl DUPLICATES.jsonl
The files are what `atelier images P --limit 0 --json` and `atelier findings P --kind duplicates --json` print. A copy counts as found
where it is in one set with its photograph; a set is false where it holds photographs that are not each other's copies.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

from cleanvision import Imagelab

folder = Path(sys.argv[1])
names = sorted(str(path.relative_to(folder)) for path in folder.glob("*/*"))


def hidden(name):
    """The name that bench/altered-copies.ts gives a copy."""
    letters = "".join(c for c in hashlib.sha256(name.encode()).hexdigest() if not c.isdigit())
    return f"{name.split('/')[0]}/{letters[:12]}.jpg"


original = {name: name for name in names}
original.update({hidden(name): name for name in names if hidden(name) in original})
copies = [name for name in names if original[name] != name]


def told(label, sets, seconds=None):
    found = sum(any(copy in one and original[copy] in one for one in sets) for copy in copies)
    false = sum(len({original[name] for name in one}) > 1 for one in sets)
    took = "" if seconds is None else f", {seconds:.1f} s"
    print(f"{label}: {found} of {len(copies)} copies found; {len(sets)} sets, {false} with other photographs{took}")


lines = [json.loads(line) for line in open(sys.argv[2])]
name_of = {line["id"]: line["name"] for line in lines if line["event"] == "image"}
(finding,) = [line for line in map(json.loads, open(sys.argv[3])) if line["event"] == "finding"]
told("Atelier", [{name_of[item] for item in entry["itemIds"]} for entry in finding["entries"]])

start = time.time()
lab = Imagelab(data_path=str(folder))
lab.find_issues(verbose=False)
sets = [
    {str(Path(path).resolve().relative_to(folder.resolve())) for path in one}
    for kind in ("exact_duplicates", "near_duplicates")
    for one in lab.info[kind]["sets"]
]
told("cleanvision", sets, time.time() - start)
for _, row in lab.issue_summary.iterrows():
    print(f"  {row.issue_type}: {row.num_images}")
