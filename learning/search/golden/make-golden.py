"""Makes golden.json: what Optuna, SciPy and scikit-learn say of given trials, for the tests of learning/search.

Run once, outside the project (pip install optuna==5.0.0 scipy scikit-learn; python make-golden.py > golden.json).
Optuna's densities and importances are read from the functions that its sampler and evaluator call themselves.
"""
import json
import math
import warnings

import numpy as np
import optuna
import scipy.stats
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners._successive_halving import _is_trial_promotable_to_next_rung
from optuna.samplers._tpe.sampler import _split_trials, default_gamma
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial
from sklearn.model_selection import StratifiedGroupKFold

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
rng = np.random.default_rng(20)

space = [
    {"kind": "number", "path": "training.labelSmoothing", "low": 0, "high": 0.5, "logarithmic": False, "points": 3},
    {"kind": "number", "path": "training.learningRate", "low": 0.0001, "high": 1, "logarithmic": True, "points": 3},
    {"kind": "integer", "path": "training.epochs", "low": 2, "high": 9, "logarithmic": False, "points": 3},
    {"kind": "integer", "path": "training.batchSize", "low": 8, "high": 8192, "logarithmic": True, "points": 3},
    {"kind": "choice", "path": "model.initialiser", "values": ["he-normal", "orthogonal", "lecun-normal"]},
]


def distribution(p):
    if p["kind"] == "choice":
        return CategoricalDistribution(p["values"])
    kind = FloatDistribution if p["kind"] == "number" else IntDistribution
    return kind(p["low"], p["high"], log=p["logarithmic"])


distributions = {p["path"]: distribution(p) for p in space}


batch_sizes = set()


def draw():
    """Batch sizes are all different: which of two equal values gets which width is left open by NumPy's sort."""
    values = {}
    for p in space:
        if p["path"] == "training.batchSize":
            while (size := int(rng.integers(p["low"], p["high"] + 1))) in batch_sizes:
                pass
            batch_sizes.add(size)
            values[p["path"]] = size
            continue
        if p["kind"] == "choice":
            values[p["path"]] = p["values"][int(rng.integers(len(p["values"])))]
            continue
        if p["logarithmic"]:
            value = math.exp(rng.uniform(math.log(p["low"]), math.log(p["high"])))
        else:
            value = rng.uniform(p["low"], p["high"])
        values[p["path"]] = round(value) if p["kind"] == "integer" else float(f"{value:.4g}")
    return values


def score(v):
    """The learning rate matters most, smoothing a little, the initialiser by a step; the others not at all."""
    return round(
        0.9
        - 0.05 * abs(math.log10(v["training.learningRate"]) + 1.5)
        - 0.1 * v["training.labelSmoothing"]
        - (0.05 if v["model.initialiser"] == "lecun-normal" else 0)
        + 0.005 * float(rng.normal()),
        4,
    )


def study_of(trials, under_way):
    study = optuna.create_study(direction="maximize")
    for t in trials:
        study.add_trial(create_trial(params=t["values"], distributions=distributions, value=t["score"]))
    for values in under_way:
        study.add_trial(create_trial(state=TrialState.RUNNING, params=values, distributions=distributions))
    return study


densities, importances = [], []
for count, running, paths in [
    (10, 0, None),
    (12, 2, None),
    (30, 1, None),
    (45, 0, None),
    (300, 3, None),
    (20, 0, ["training.learningRate"]),
    (20, 0, ["training.batchSize"]),
    (20, 0, ["training.epochs"]),
    (20, 0, ["model.initialiser"]),
]:
    batch_sizes.clear()
    trials = [{"values": (values := draw()), "score": score(values)} for _ in range(count)]
    under_way = [draw() for _ in range(running)]
    study = study_of(trials, under_way)
    paths = paths or [path for path in distributions if path != "training.epochs"]
    chosen = {path: distributions[path] for path in paths}
    sampler = optuna.samplers.TPESampler(seed=0)
    below, above = _split_trials(study, study.get_trials(), default_gamma(count))
    good = sampler._build_parzen_estimator(study, chosen, below, handle_below=True)
    others = sampler._build_parzen_estimator(study, chosen, above, handle_below=False)
    points = [draw() for _ in range(8)]
    internal = {path: np.array([d.to_internal_repr(p[path]) for p in points]) for path, d in chosen.items()}
    densities.append(
        {
            "paths": list(chosen),
            "trials": trials,
            "underWay": under_way,
            "points": points,
            "good": good.log_pdf(internal).tolist(),
            "others": others.log_pdf(internal).tolist(),
        }
    )

for count, quantile in [(12, 0.25), (40, 0.1), (40, 0.125), (120, 0.1)]:
    batch_sizes.clear()
    trials = [{"values": (values := draw()), "score": score(values)} for _ in range(count)]
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=quantile)
    importances.append(
        {"trials": trials, "quantile": quantile, "divergences": evaluator.evaluate(study_of(trials, []))}
    )

promotions = []
for count, reduction in [(3, 3), (5, 3), (9, 3), (14, 4), (7, 2), (10, 10)]:
    values = [round(float(v), 3) for v in rng.uniform(0.5, 0.95, count)]
    promotable = [
        i + 1
        for i, v in enumerate(values)
        if _is_trial_promotable_to_next_rung(v, list(values), reduction, StudyDirection.MAXIMIZE)
    ]
    promotions.append({"reduction": reduction, "scores": values, "promotable": promotable})

folds = []
for images, groups, classes, k in [(120, 20, 3, 5), (300, 40, 4, 5), (90, 30, 2, 3)]:
    group = rng.integers(groups, size=images)
    lean = rng.integers(classes, size=groups)
    label = np.where(rng.random(images) < 0.5, lean[group], rng.integers(classes, size=images))
    unevenness = []
    for seed in range(20):
        shares = np.zeros((k, classes))
        splitter = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
        for fold, (_, part) in enumerate(splitter.split(np.zeros(images), label, group)):
            for c in range(classes):
                shares[fold, c] = (label[part] == c).sum() / (label == c).sum()
        unevenness.append(shares.std(axis=0).mean())
    folds.append(
        {"labels": label.tolist(), "groups": group.tolist(), "folds": k, "unevenness": float(np.mean(unevenness))}
    )

student = [
    {"probability": p, "freedom": f, "quantile": float(scipy.stats.t.ppf(p, f))}
    for p in (0.9, 0.975, 0.995)
    for f in (1, 2, 4, 9, 30, 200)
]
normal = [
    {"from": a, "to": b, "logMass": float(scipy.stats.norm.logcdf(b) + np.log1p(-np.exp(scipy.stats.norm.logcdf(a) - scipy.stats.norm.logcdf(b))))}
    for a, b in [(-30, -29), (-9, -8.5), (-2.5, -1), (-1.5, -1.4), (-1, 0)]
] + [{"from": -1, "to": 2, "logMass": math.log(0.5 * (math.erf(2 / 2**0.5) + math.erf(1 / 2**0.5)))}]

print(
    json.dumps(
        {
            "madeBy": f"make-golden.py beside this file: optuna {optuna.__version__}, scipy {scipy.__version__}",
            "space": space,
            "densities": densities,
            "importances": importances,
            "promotions": promotions,
            "folds": folds,
            "student": student,
            "normal": normal,
        }
    )
)
