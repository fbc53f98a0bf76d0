"""Fit the search to all ways of asking, after a change to them: ``python -m tests.fit [FOLDER]``.

FOLDER holds policy.md and asks.yaml; the fit is written beside them.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from bot.domain.finding import Material
from bot.domain.fitting import Fit, mark
from bot.domain.knowledge import Knowledge, parse_knowledge
from bot.domain.policy import Policy, parse_policy
from bot.domain.ranking import RECIPE, Recipe

FOLDER = Path(__file__).parents[1] / "policy_text"
FILE = "asks.fit"
# How closely the asks are fitted: tried from 0.1 to 10 on questions by other hands.
_CLOSELY = 1.0
_SEED = 17


def main(*folders: str) -> int:
    """Write the fit."""
    folder = Path(folders[0]) if folders else FOLDER
    policy = parse_policy((folder / "policy.md").read_text("utf-8"))
    knowledge = parse_knowledge((folder / "asks.yaml").read_text("utf-8"), policy)
    content = fitted(policy, knowledge).to_bytes()
    (folder / FILE).write_bytes(content)
    sys.stdout.write(f"{folder / FILE}: {len(content) // 1024} KB\n")
    return 0


def fitted(policy: Policy, knowledge: Knowledge, recipe: Recipe = RECIPE) -> Fit:
    """Return a linear model that tells the topics and silences of *knowledge* apart; takes some seconds."""
    material = Material(policy, knowledge, recipe)
    learned, groups = material.learned, len(knowledge.topics) + len(knowledge.silences)
    asks = sum(learned.sizes[:groups])
    texts, features, weights = learned.asks.weighed(material.scale.worth)
    some = texts < asks
    shape = (asks, len(learned.numbers))
    model = LinearSVC(C=_CLOSELY, random_state=_SEED)
    model.fit(csr_matrix((weights[some], (texts[some], features[some])), shape=shape), learned.group_of[:asks])
    # Groups without a way of asking yet fit nothing.
    by_group, bias = np.zeros((groups, shape[1])), np.full(groups, -1.0)
    by_group[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return Fit.of(mark(learned, material.scale), by_group, bias)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
