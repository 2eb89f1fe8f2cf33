"""The common form of all models' vectors: unit length, half precision."""

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float16]

MAX_CHARACTERS = 8_000
"""Texts are cut at this length. A chunk has some 1,000 characters; the local model takes 0.4 s for 8,000."""


def unit_vectors(raw: npt.NDArray[np.float32]) -> Vectors:
    """Scale each row to length 1 and store it in half precision, as the database does.

    Raises ValueError for a row that is zero or not finite: its distance to others is undefined.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        length = np.linalg.norm(raw, axis=-1, keepdims=True)
    if not np.isfinite(length).all() or (length == 0).any():
        raise ValueError("a vector is zero or not finite")
    scaled: Vectors = (raw / length).astype(np.float16)
    return scaled
