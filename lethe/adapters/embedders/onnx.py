"""A sentence model in a directory that the operator provides: model.onnx, tokenizer.json and optionally lethe.json.

`lethe.json` may hold `name` (default: the directory's name), `query_prefix`, `passage_prefix` (default: none)
and `max_tokens` (default 512). The model takes input_ids, attention_mask and optionally token_type_ids. Its first
output is either one vector per token, averaged here over the text's own tokens, or one vector per text.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt

from lethe.domain.errors import OperatorError

NO_LIBRARIES = "ONNX models need two more libraries: pip install 'lethe-kb[onnx]'."
ROWS = 16  # texts in one run of the model: they are padded to the longest


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lethe.json may say."""

    name: str | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: Annotated[int, msgspec.Meta(ge=8, le=8192)] = 512


class OnnxEncoder:
    """The model in `directory`. Raises OperatorError when a library or a file is missing or unsuitable."""

    def __init__(self, directory: Path) -> None:
        description = present(directory)
        try:
            import onnxruntime  # noqa: PLC0415 optional
            import tokenizers  # noqa: PLC0415 optional
        except ImportError as exc:
            raise OperatorError(NO_LIBRARIES) from exc
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # no threads, hence safe to fork
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(directory / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(directory / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # both libraries raise plain Exceptions of many kinds
            raise OperatorError(f"The model in '{directory}' cannot be loaded: {_first_line(exc)}.") from exc
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(description.max_tokens)
        self._inputs = {one.name for one in self._session.get_inputs()}
        self.model = f"onnx:{description.name or directory.name}"
        self.query_prefix = description.query_prefix
        self.passage_prefix = description.passage_prefix
        self.dimension = self.encode(["size"]).shape[1]

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """See `Encoder`."""
        parts = [self._encode(texts[start : start + ROWS]) for start in range(0, len(texts), ROWS)]
        return np.concatenate(parts)

    def _encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        # One by one: the batch call would start threads, which a forked child does not have.
        ids = [self._tokenizer.encode(text).ids for text in texts]
        width = max(1, *map(len, ids))
        tokens = np.zeros((len(ids), width), np.int64)
        mask = np.zeros((len(ids), width), np.int64)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        feed = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        try:
            output = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        except Exception as exc:  # the runtime raises plain Exceptions, and an unknown input a KeyError
            raise OperatorError(f"The model '{self.model}' cannot be run: {_first_line(exc)}.") from exc
        return _pool(output, mask)


def _pool(output: npt.NDArray[Any], mask: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    if output.ndim == 2:
        return output.astype(np.float32)
    weights = mask[:, :, None].astype(np.float32)
    total: npt.NDArray[np.float32] = (output.astype(np.float32) * weights).sum(axis=1)
    mean: npt.NDArray[np.float32] = total / np.maximum(weights.sum(axis=1), 1)
    return mean


def present(directory: Path) -> Description:
    """The contents of lethe.json, after a check that everything is present. Loads neither the model nor a library.

    Raises OperatorError when a library or a file is missing, or lethe.json is wrong.
    """
    if not all(find_spec(library) for library in ("onnxruntime", "tokenizers")):
        raise OperatorError(NO_LIBRARIES)
    for name in ("model.onnx", "tokenizer.json"):
        if not (directory / name).is_file():
            raise OperatorError(f"The model directory '{directory}' has no file {name}.")
    try:
        return msgspec.json.decode((directory / "lethe.json").read_bytes(), type=Description)
    except FileNotFoundError:
        return Description()
    except msgspec.MsgspecError as exc:
        raise OperatorError(f"The file '{directory / 'lethe.json'}' is wrong: {exc}.") from exc


def _first_line(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0][:200].rstrip(".")
