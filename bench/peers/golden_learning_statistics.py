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


print(json.dumps({
    "madeBy": f"bench/peers/golden_learning_statistics.py: scipy {scipy.__version__}",
    "bca": bca(), "temperatures": temperatures(),
}))
