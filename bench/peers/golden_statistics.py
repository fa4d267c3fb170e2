"""Makes recipe/statistics/golden.json: what SciPy and statsmodels say, for the tests of recipe/statistics.

Run once, outside the project (pip install scipy statsmodels; python bench/peers/golden_statistics.py > recipe/statistics/golden.json).
"""
import json

import numpy as np
import scipy
import statsmodels
from scipy import optimize, special, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(7)


def intervals():
    cases = set()
    for n in [1, 2, 3, 5, 10, 29, 50, 100, 317, 1000, 10_000, 60_000, 1_000_000]:
        for k in {0, 1, 2, n // 10, n // 3, n // 2, n - n // 7, n - 2, n - 1, n}:
            if 0 <= k <= n:
                cases.add((k, n))
    rows = []
    for k, n in sorted(cases):
        for level in [0.8, 0.95, 0.999]:
            low, high = proportion_confint(k, n, alpha=1 - level, method="beta")
            wilson = proportion_confint(k, n, alpha=1 - level, method="wilson")
            low, high = (0.0 if np.isnan(low) else low), (1.0 if np.isnan(high) else high)
            rows.append([k, n, level, float(low), float(high), float(wilson[0]), float(wilson[1])])
    return rows


def betas():
    rows = []
    for a, b in [(1, 1), (0.5, 0.5), (0.5, 7), (2, 3), (15, 14.5), (1, 1e6), (1e6, 1), (30, 4000), (5e5, 5e5), (9e5, 1e5)]:
        for p in [1e-12, 1e-4, 0.025, 0.5, 0.8, 0.999]:
            x = float(special.betaincinv(a, b, p))
            rows.append([a, b, x, float(special.betainc(a, b, x)), float(special.betaincc(a, b, x))])
    return rows


def normals():
    return [[p, float(stats.norm.ppf(p))] for p in [1e-300, 1e-20, 1e-5, 0.01, 0.2, 0.499, 0.5, 0.7, 0.975, 0.9999]]


def tango(n, b, c, level):
    """By the definition: the score statistic with the most likely nuisance share, both found by root finding."""
    z = stats.norm.ppf((1 + level) / 2)

    def nuisance(d):
        low, high = max(0.0, -d), (1 - d) / 2

        def slope(q):
            return b * q * (1 - 2 * q - d) + c * (q + d) * (1 - 2 * q - d) - 2 * (n - b - c) * q * (q + d)

        # Just inside of the ends, where it may be nothing by itself.
        first, last = low + 1e-13, high - 1e-13
        if slope(first) <= 0:
            return low
        if slope(last) >= 0:
            return high
        return optimize.brentq(slope, first, last, xtol=1e-17)

    def score(d):
        return (b - c - n * d) / np.sqrt(n * (2 * nuisance(d) + d * (1 - d)))

    at = (b - c) / n
    edge = 1 - 1e-12
    low = -1.0 if b - c == -n else optimize.brentq(lambda d: score(d) - z, -edge, at - 1e-13, xtol=1e-14)
    high = 1.0 if b - c == n else optimize.brentq(lambda d: score(d) + z, at + 1e-13, edge, xtol=1e-14)
    return low, high


def pairs():
    rows = []
    for n, b, c in [
        (44, 0, 1), (50, 12, 2), (20, 0, 0), (100, 5, 5), (100, 1, 0), (200, 30, 11), (1000, 40, 12),
        (1000, 61, 44), (10_000, 210, 259), (10_000, 4000, 3900), (60_000, 1, 9), (7, 7, 0), (7, 0, 7), (12, 4, 8),
    ]:
        table = [[n - b - c, c], [b, 0]]
        exact = mcnemar(table, exact=True)
        corrected = mcnemar(table, exact=False, correction=True) if b + c else None
        m = min(b, c)
        mid = 1.0 if b == c else 2 * stats.binom.cdf(m - 1, b + c, 0.5) + stats.binom.pmf(m, b + c, 0.5)
        rows.append({
            "count": n, "fixed": b, "broken": c,
            "exact": float(exact.pvalue), "midP": float(mid),
            "chiSquare": float(corrected.statistic) if corrected else None,
            "chiSquareP": float(corrected.pvalue) if corrected else None,
            "tango95": [float(v) for v in tango(n, b, c, 0.95)], "tango80": [float(v) for v in tango(n, b, c, 0.8)],
        })
    return rows


print(json.dumps({
    "madeBy": f"bench/peers/golden_statistics.py: scipy {scipy.__version__}, statsmodels {statsmodels.__version__}",
    "intervals": intervals(), "betas": betas(), "normals": normals(), "pairs": pairs(),
}))
