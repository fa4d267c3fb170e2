"""Makes recipe/metrics/golden.json: what scikit-learn says of made answers, for the tests of recipe/metrics and learning/statistics.

Run once, outside the project (pip install scikit-learn; python bench/peers/golden_metrics.py > recipe/metrics/golden.json).
Probabilities are whole 64ths, so that float32 holds them exactly and ties are frequent.
"""
import json
import warnings

import numpy as np
import sklearn
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
rng = np.random.default_rng(11)
STEPS = 64


def answers(classes, n, absent=(), never=(), skill=2.0):
    """`absent` has no images, `never` is predicted of none."""
    present = [c for c in range(classes) if c not in absent]
    labels = np.array([present[i % len(present)] for i in range(n)])
    rng.shuffle(labels)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += skill * rng.random(n)
    for c in never:
        logits[:, c] = logits.min(axis=1) - 2
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    # Whole steps that sum to all of them, by largest remainders.
    whole = np.floor(p * STEPS).astype(int)
    for row, exact in zip(whole, p * STEPS):
        for c in np.argsort(-(exact - row))[: STEPS - row.sum()]:
            row[c] += 1
    return whole, labels


def ece(confidence, right, bins, strategy):
    true, mean = calibration_curve(right, confidence, n_bins=bins, strategy=strategy)
    # calibration_curve tells no counts: they are those of its bins, which hold their upper edge.
    edges = np.linspace(0, 1, bins + 1) if strategy == "uniform" else np.percentile(confidence, np.linspace(0, 1, bins + 1) * 100)
    ids = np.searchsorted(edges[1:-1], confidence)
    counts = np.bincount(ids, minlength=bins)
    counts = counts[counts > 0]
    return float((counts * np.abs(true - mean)).sum() / counts.sum()), float(np.abs(true - mean).max())


def case(name, classes, n, **how):
    whole, labels = answers(classes, n, **how)
    p = whole / STEPS
    said = p.argmax(axis=1)
    confidence = p.max(axis=1)
    right = (said == labels).astype(int)
    rocs, aps, curves = [], [], []
    for c in range(classes):
        own = (labels == c).astype(int)
        if own.sum() == 0:
            rocs.append(None)
            aps.append(None)
            continue
        rocs.append(float(m.roc_auc_score(own, p[:, c])) if own.sum() < n else None)
        aps.append(float(m.average_precision_score(own, p[:, c])))
    fpr, tpr, _ = m.roc_curve(labels == 0, p[:, 0], drop_intermediate=False)
    precision, recall, _ = m.precision_recall_curve(labels == 0, p[:, 0])
    expected, maximum = ece(confidence, right, 15, "uniform")
    known = lambda values: [v for v in values if v is not None]
    return {
        "name": name, "classes": classes, "labels": labels.tolist(), "steps": whole.ravel().tolist(),
        "cohenKappa": float(m.cohen_kappa_score(labels, said)),
        "matthewsCorrelation": float(m.matthews_corrcoef(labels, said)),
        "macroF1": float(m.f1_score(labels, said, average="macro")),
        "macroPrecision": float(m.precision_score(labels, said, average="macro")),
        "weightedPrecision": float(m.precision_score(labels, said, average="weighted")),
        "weightedF1": float(m.f1_score(labels, said, average="weighted")),
        "weightedRecall": float(m.recall_score(labels, said, average="weighted")),
        "macroRecall": float(m.recall_score(labels, said, average="macro", labels=np.unique(labels))),
        "balancedAccuracy": float(m.balanced_accuracy_score(labels, said)),
        "rocAuc": float(np.mean(known(rocs))), "averagePrecision": float(np.mean(known(aps))),
        "rocAucs": rocs, "averagePrecisions": aps,
        "roc": [fpr.tolist(), tpr.tolist()], "precisionRecall": [recall.tolist(), precision.tolist()],
        "expectedCalibrationError": expected, "maximumCalibrationError": maximum,
        "brier": float(m.brier_score_loss(labels, p, labels=list(range(classes)), scale_by_half=False)),
    }


cases = [
    case("two classes", 2, 60),
    case("two classes, hardly better than chance", 2, 40, skill=0.2),
    case("three classes", 3, 90),
    case("three classes, one of them absent", 3, 50, absent=(1,)),
    case("three classes, one never predicted", 3, 50, never=(2,)),
    case("ten classes", 10, 200, skill=4.0),
    case("ten classes, two absent, one never predicted", 10, 120, absent=(3, 9), never=(4,)),
]
print(json.dumps({"madeBy": f"bench/peers/golden_metrics.py: scikit-learn {sklearn.__version__}", "steps": STEPS, "cases": cases}))
