"""Makes learning/label-errors/golden/golden.json: what cleanlab says of given labels and probabilities.

Run once, outside the project: pip install cleanlab==2.9.0; python bench/peers/cleanlab_golden.py > golden.json
"""

import json

import numpy as np
from cleanlab.count import compute_confident_joint, estimate_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

# Which of two alike comes first is left open by NumPy's default sort, and differs between processors.
sort = np.argsort
np.argsort = lambda values, *rest, **options: sort(values, *rest, **{"kind": "stable", **options})

rng = np.random.default_rng(11)
FILTERS = {
    "noise-rate": "prune_by_noise_rate",
    "class": "prune_by_class",
    "both": "both",
    "confident": "confident_learning",
}
SCORES = {
    "self-confidence": "self_confidence",
    "normalised-margin": "normalized_margin",
    "confidence-weighted-entropy": "confidence_weighted_entropy",
}


def case(images, classes, noise, sharpness, absent=None):
    """Images of `classes`, a share of `noise` of their labels wrong, none of class `absent`."""
    truth = rng.integers(classes, size=images)
    labels = np.where(rng.random(images) < noise, rng.integers(classes, size=images), truth)
    if absent is not None:
        labels[labels == absent] = (absent + 1) % classes
    logits = rng.normal(size=(images, classes))
    logits[np.arange(images), truth] += sharpness
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    # As written: both read the same numbers.
    probabilities = np.array(json.loads(json.dumps(np.round(probabilities, 6).tolist())))
    quality = {
        name: get_label_quality_scores(labels, probabilities, method=method).tolist() for name, method in SCORES.items()
    }
    errors = {
        name: find_label_issues(
            labels, probabilities, filter_by=method, return_indices_ranked_by="self_confidence", n_jobs=1
        ).tolist()
        for name, method in FILTERS.items()
    }
    return {
        "classes": classes,
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "thresholds": get_confident_thresholds(labels, probabilities).tolist(),
        "joint": compute_confident_joint(labels, probabilities).tolist(),
        "distribution": estimate_joint(labels, probabilities).tolist(),
        "quality": quality,
        "errors": errors,
    }


cases = [
    case(60, 3, 0.2, 3),
    case(80, 2, 0.1, 2),
    case(120, 10, 0.3, 3),
    case(40, 5, 0.9, 0.5),
    case(50, 4, 0.2, 2, absent=2),
    case(12, 6, 0.3, 3),
    case(90, 4, 0, 6),
]
print(json.dumps({"madeBy": "bench/peers/cleanlab_golden.py: cleanlab 2.9.0", "cases": cases}))
