"""What cleanlab finds of the same labels and out-of-fold predictions as bench/label-errors.ts, which hands it a folder.

The folder holds labels.i32, probabilities.f64 [images, classes] and wrong.i32, the places whose labels were flipped. Prints one
line: how many of those are among the first n and 2n by each score, and what find_label_issues returns by each filter.
"""

import json
import sys
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

# Which of two alike comes first is left open by NumPy's default sort, and differs between processors.
sort = np.argsort
np.argsort = lambda values, *rest, **options: sort(values, *rest, **{"kind": "stable", **options})

folder = Path(sys.argv[1])
labels = np.fromfile(folder / "labels.i32", dtype=np.int32)
probabilities = np.fromfile(folder / "probabilities.f64", dtype=np.float64).reshape(len(labels), -1)
wrong = set(np.fromfile(folder / "wrong.i32", dtype=np.int32).tolist())

found = {}
for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
    scores = get_label_quality_scores(labels, probabilities, method=method)
    order = np.argsort(scores).tolist()
    found[method] = [len(wrong & set(order[: times * len(wrong)])) for times in (1, 2)]
issues = {}
for method in ("prune_by_noise_rate", "prune_by_class", "both", "confident_learning"):
    places = find_label_issues(
        labels, probabilities, filter_by=method, return_indices_ranked_by="self_confidence", n_jobs=1
    ).tolist()
    issues[method] = {"places": sorted(places), "right": len(wrong & set(places))}
print(json.dumps({"found": found, "issues": issues}))
