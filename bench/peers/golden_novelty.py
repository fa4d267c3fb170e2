"""Makes learning/answers/golden.json: what scikit-learn and NumPy say, for the test of learning/answers/novelty.ts.

Run once, outside the project (pip install scikit-learn; python bench/peers/golden_novelty.py > learning/answers/golden.json).
"""
import json

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis

rng = np.random.default_rng(11)


def drawn(counts, size, rank=None):
    rows, labels = [], []
    for label, count in enumerate(counts):
        mix = rng.normal(size=(size, size)) * 0.5 + np.eye(size)
        rows.append(rng.normal(size=(count, size)) @ mix + 3 * rng.normal(size=size))
        labels += [label] * count
    rows = np.concatenate(rows)
    if rank:
        rows = rows @ rng.normal(size=(size, rank)) + 0.01 * rng.normal(size=(len(rows), rank))
    rows = rows.astype(np.float32)
    return rows, np.array(labels)


def quadratic(rows, labels, others):
    """scikit-learn's, without a prior and without a ridge."""
    model = QuadraticDiscriminantAnalysis(store_covariance=True, priors=np.full(labels.max() + 1, 1 / (labels.max() + 1))).fit(rows, labels)
    log_joint = model._decision_function(others.astype(float))
    return (-2 * (log_joint - np.log(model.priors_))).min(1)


def shrunk(rows, labels, others, ridge, prior):
    """NumPy: each covariance with `prior` images' worth of the shared one, and a ridge."""
    rows, others = rows.astype(float), others.astype(float)
    classes = np.unique(labels)
    size = rows.shape[1]
    scatter = [np.cov(rows[labels == c].T, bias=True) * (labels == c).sum() for c in classes]
    tied = sum(scatter) / len(rows)
    scores = []
    for c, own in zip(classes, scatter):
        covariance = (own + prior * tied) / ((labels == c).sum() + prior)
        covariance = covariance + ridge * np.trace(covariance) / size * np.eye(size)
        away = others - rows[labels == c].mean(0)
        scores.append(np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away) + np.linalg.slogdet(covariance)[1])
    return np.min(scores, axis=0)


def case(name, rows, labels, others, options, expected):
    return {"name": name, "size": rows.shape[1], "rows": rows.ravel().tolist(), "labels": labels.tolist(), "others": others.ravel().tolist(), "options": options, "expected": expected.tolist()}


cases = []
rows, labels = drawn([40, 60, 25], 5)
others = np.concatenate([rows[:6], 4 * rng.normal(size=(6, 5)).astype(np.float32)])
cases.append(case("scikit-learn's QuadraticDiscriminantAnalysis", rows, labels, others, {"ridge": 0, "prior": 0}, quadratic(rows, labels, others)))
cases.append(case("a prior and a ridge", rows, labels, others, {"ridge": 1e-2, "prior": 5}, shrunk(rows, labels, others, 1e-2, 5)))
rows, labels = drawn([30, 3, 2], 6)
others = np.concatenate([rows[:4], rows[30:34], 4 * rng.normal(size=(4, 6)).astype(np.float32)])
cases.append(case("classes of few images", rows, labels, others, {"ridge": 1e-2, "prior": 6}, shrunk(rows, labels, others, 1e-2, 6)))
rows, labels = drawn([50, 50], 3, 12)
others = np.concatenate([rows[:4], rows[50:54]]).astype(np.float32)
pca = PCA(3).fit(rows.astype(float))
cases.append(case("the axes of scikit-learn's PCA", rows, labels, others, {"ridge": 1e-2, "prior": 3, "most": 3}, shrunk(pca.transform(rows.astype(float)), labels, pca.transform(others.astype(float)), 1e-2, 3)))

print(json.dumps({"cases": cases}))
