"""What tells topics and silences apart, fitted to all ways of asking at once: made once, and shipped."""

import hashlib
import io
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.domain.learned import Learned, Numbers, Places, Rows
from bot.domain.ranking import Found, Scale, Weighed

_MOST = 127
_LEAST = 0.03


@dataclass(frozen=True, slots=True)
class Fit:
    """Hold fitted weights as they are kept in a file: those that are not nought, in rows.

    Attributes:
        mark: what they were fitted to; for anything else they are worth nothing.
        groups: topics and silences, in the order of the knowledge.
        weights: in steps of *step*.
        bias: by group, what is added to the sum of the weights.
    """

    mark: str
    groups: NDArray[np.int16]
    features: Places
    weights: NDArray[np.int8]
    step: float
    bias: Numbers

    @classmethod
    def of(cls, mark: str, weights: NDArray[np.float64], bias: NDArray[np.float64]) -> "Fit":
        """Return a fit of *weights* by group and by feature; the smallest, which tell little, become nought."""
        step = float(np.abs(weights).max()) / _MOST
        steps = np.round(np.where(np.abs(weights) < _LEAST, 0.0, weights) / step).astype(np.int8)
        groups, features = np.nonzero(steps)
        return cls(
            mark, groups.astype(np.int16), features.astype(np.int32), steps[groups, features], step,
            bias.astype(np.float32),
        )  # fmt: skip

    def to_bytes(self) -> bytes:
        """Return the fit as a file of NumPy's."""
        file = io.BytesIO()
        np.savez_compressed(
            file, mark=np.array(self.mark), groups=self.groups, features=self.features, weights=self.weights,
            step=np.array(self.step), bias=self.bias,
        )  # fmt: skip
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Fit | None":
        """Return the fit in *content*, or None where it is not one."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                return cls(
                    str(file["mark"]), file["groups"].astype(np.int16), file["features"].astype(np.int32),
                    file["weights"].astype(np.int8), float(file["step"]), file["bias"].astype(np.float32),
                )  # fmt: skip
        except (BadZipFile, EOFError, KeyError, OSError, TypeError, ValueError):
            return None


class Fitted:
    """Judge by a fit which group a question belongs to."""

    def __init__(self, fit: Fit, features: int) -> None:
        weights = fit.weights.astype(np.float32) * np.float32(fit.step)
        self._found = Found(Rows(fit.groups.astype(np.int32), fit.features, weights), len(fit.bias), features)
        self._bias = fit.bias

    def of(self, question: Weighed) -> Numbers:
        """Return by group how well it fits: 1 or more where it does, 0 or less where it does not."""
        # The fit keeps groups apart by a margin of 1 on either side.
        fits: Numbers = (self._found.sums(question) + self._bias + np.float32(1)) / np.float32(2)
        return fits


def mark(learned: Learned, scale: Scale) -> str:
    """Return what changes as soon as anything does that a fit is made from: a SHA-256 in hex."""
    digest = hashlib.sha256("\n".join(learned.numbers).encode())
    digest.update(learned.asks.rows.features.tobytes())
    digest.update(np.array(learned.sizes, dtype=np.int32).tobytes())
    digest.update(np.round(scale.worth, 3).tobytes())
    return digest.hexdigest()
