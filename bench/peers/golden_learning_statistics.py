"""Makes learning/statistics/golden.json: what SciPy and scikit-learn say, for the tests of learning/statistics.

Run once, outside the project, after golden_metrics.py (pip install scipy scikit-learn; python
bench/peers/golden_learning_statistics.py > learning/statistics/golden.json).
"""
import json
from pathlib import Path

import numpy as np
import scipy
from scipy import optimize, special, stats
from scipy.stats._resampling import BootstrapResult

rng = np.random.default_rng(5)
metrics = json.loads(Path(__file__).parents[2].joinpath("recipe/metrics/golden.json").read_text())


def bca():
    """SciPy's BCa of figures that were drawn here, so that both begin with the same."""
    rows = []
    for data, statistic in [
        (rng.exponential(size=25), np.mean),
        (rng.normal(size=40), np.mean),
        (rng.integers(0, 2, size=60).astype(float), np.mean),
        (rng.exponential(size=18), lambda x, axis: np.std(x, axis=axis)),
        (rng.lognormal(size=30), lambda x, axis: np.median(x, axis=axis)),
    ]:
        picks = rng.integers(0, len(data), size=(400, len(data)))
        drawn = statistic(data[picks], axis=1)
        row = {"data": data.tolist(), "drawn": np.sort(drawn).tolist(), "value": float(statistic(data, axis=0)), "ends": []}
        for level in [0.8, 0.95]:
            before = BootstrapResult(confidence_interval=None, bootstrap_distribution=drawn, standard_error=0)
            for method in ["BCa", "percentile"]:
                result = stats.bootstrap((data,), statistic, n_resamples=0, bootstrap_result=before, confidence_level=level, method=method)
                row["ends"].append([level, method, float(result.confidence_interval.low), float(result.confidence_interval.high)])
        left_out = np.array([statistic(np.delete(data, i), axis=0) for i in range(len(data))])
        u = left_out.mean() - left_out
        row["acceleration"] = float((u**3).sum() / (6 * (u**2).sum() ** 1.5))
        rows.append(row)
    return rows


def temperatures():
    rows = []
    for case in metrics["cases"]:
        classes = case["classes"]
        p = np.array(case["steps"], dtype=float).reshape(-1, classes) / metrics["steps"]
        labels = np.array(case["labels"])
        logits = np.log(np.maximum(p, 1e-30))

        def slope(log):
            beta = np.exp(-log)
            q = special.softmax(beta * logits, axis=1)
            return ((q * logits).sum(axis=1) - logits[np.arange(len(labels)), labels]).mean()

        def loss(log):
            scaled = np.exp(-log) * logits
            return float((special.logsumexp(scaled, axis=1) - scaled[np.arange(len(labels)), labels]).mean())

        if slope(np.log(100)) >= 0:
            rows.append({"name": case["name"], "temperature": 100, "before": loss(0.0), "after": loss(np.log(100)), "bounded": True})
            continue
        log = optimize.brentq(slope, np.log(0.01), np.log(100), xtol=1e-15)
        rows.append({"name": case["name"], "temperature": float(np.exp(log)), "before": loss(0.0), "after": loss(log), "bounded": False})
    return rows


def power_laws():
    """Bounded least squares from many starts, the best of them."""
    rows = []
    for a, b, c, sizes, tested in [
        (0.93, 1.5, 0.5, [100, 200, 400, 800, 1600, 3200], 2000),
        (0.99, 0.9, 0.25, [50, 100, 200, 400, 800], 500),
        (1.0, 3.0, 0.8, [64, 128, 256, 512, 1024], 5000),
        (0.6, 0.0, 0.5, [100, 300, 900, 2700], 300),
        (0.8, 20.0, 1.5, [20, 40, 80, 160, 320, 320, 320], 1000),
    ]:
        n = np.array(sizes, dtype=float)
        y = rng.binomial(tested, np.clip(a - b * n**-c, 0, 1)) / tested
        w = rng.uniform(0.5, 2, size=len(n))
        best = None
        for c0 in np.geomspace(0.05, 2, 40):
            result = optimize.least_squares(
                lambda p: np.sqrt(w) * (p[0] - p[1] * (n / n.max()) ** -p[2] - y), [0.9, 0.1, c0],
                bounds=([-10, 0, 0.05], [1, 1e3, 2]), xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=2000)
            best = result if best is None or result.cost < best.cost else best
        rows.append({
            "images": sizes, "accuracies": y.tolist(), "weights": w.tolist(), "error": float(2 * best.cost),
            "asymptote": float(best.x[0]), "scale": float(best.x[1] * n.max() ** best.x[2]), "exponent": float(best.x[2])})
    return rows


print(json.dumps({
    "madeBy": f"bench/peers/golden_learning_statistics.py: scipy {scipy.__version__}",
    "bca": bca(), "temperatures": temperatures(), "powerLaws": power_laws(),
}))
