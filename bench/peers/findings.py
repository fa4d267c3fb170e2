"""Values that SciPy and scikit-learn give, for learning/findings/golden/golden.json. Run by hand: python findings.py > golden.json.
Data follow from formulas, which golden.ts has too."""

import json

import numpy as np
from scipy import fft, ndimage, stats
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeClassifier


def made(count, seed):
    """Whole numbers from 0 to 255 that look random: the same in golden.ts."""
    state, values = seed, []
    for _ in range(count):
        state = (state * 48271) % 2147483647
        values.append((state >> 8) & 255)
    return np.array(values, dtype=np.float64)


picture = made(1024, 7).reshape(32, 32)
window = picture[3:29, 3:29]
# scipy's DCT-II is twice the plain sum, along each axis.
sketch = (fft.dctn(window, type=2) / 4)[:9, :8]

spread = made(101, 3)
laplacian = ndimage.laplace(picture)[1:-1, 1:-1]

columns = np.stack([made(300, 11), made(300, 12), np.arange(300) % 17]).T
labels = ((columns[:, 0] > 120).astype(int) + (columns[:, 2] > 8).astype(int) * (made(300, 13) > 60)).astype(int)
tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=5, random_state=0).fit(columns, labels)

vectors = made(40 * 8, 21).reshape(40, 8) - 100
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
distances = NearestNeighbors(n_neighbors=6).fit(unit).kneighbors(unit)[0][:, 1:].mean(axis=1)

print(
    json.dumps(
        {
            "sketch": [float(value) for value in sketch[:8].ravel()] + [float(sketch[8, 0])],
            "median": float(np.median(spread)),
            "deviation": float(stats.median_abs_deviation(spread, scale="normal")),
            "contrast": float(picture.std()),
            "sharpness": float(laplacian.var()),
            "entropy": float(stats.entropy(np.bincount(picture.astype(int).ravel()), base=2)),
            "binomial": [
                {"successes": k, "trials": n, "p": float(stats.binomtest(k, n, 0.5, alternative="greater").pvalue)}
                for k, n in [(1, 1), (5, 5), (9, 12), (30, 40), (3, 20), (200, 350)]
            ],
            "tree": tree.predict(columns).tolist(),
            "neighbours": distances.tolist(),
        }
    )
)
