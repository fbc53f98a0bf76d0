"""The policy that is shipped, and the search over it as it is shipped."""

import pytest

from bot.domain.policy import Policy
from bot.domain.search import Search
from tests.answers.questions import read_knowledge, read_policy, read_search


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Return the policy."""
    return read_policy()


@pytest.fixture(scope="session")
def search(policy: Policy) -> Search:
    """Return the search with its fit."""
    return read_search(policy, read_knowledge(policy))
