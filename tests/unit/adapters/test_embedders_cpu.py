"""The models on this machine: the real local one, and a real if tiny ONNX one."""

import asyncio
import json
import math
import pickle
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import tokenizers
from onnx import TensorProto, helper, numpy_helper
from threadpoolctl import threadpool_info

from lethe.adapters.children import Children
from lethe.adapters.embedders import (
    Embedder,
    EmbedderSpec,
    LocalModel,
    OnnxModel,
    OpenAIModel,
    open_embedder,
    parse_embedder,
)
from lethe.adapters.embedders.cpu import describe, encode_passages, encode_query, load
from lethe.adapters.embedders.vectors import MAX_CHARACTERS, Vectors, unit_vectors
from lethe.domain.errors import OperatorError

LOCAL = LocalModel()


def nearness(one: Vectors, other: Vectors) -> float:
    return float(one.astype(np.float32) @ other.astype(np.float32))


def test_texts_of_one_meaning_are_near_in_both_languages() -> None:
    english, spanish, bread = encode_passages(
        LOCAL,
        [
            "How do I change the password of my account?",
            "¿Cómo cambio la contraseña de mi cuenta?",
            "Bread is baked from flour, water, salt and yeast.",
        ],
    )
    query = encode_query(LOCAL, "reset a forgotten password")
    assert nearness(english, spanish) > 0.7
    assert max(nearness(english, bread), nearness(spanish, bread)) < 0.3
    assert min(nearness(query, english), nearness(query, spanish)) > nearness(query, bread) + 0.2


def test_the_local_model_is_deterministic_and_gives_unit_vectors_in_half_precision() -> None:
    texts = ["one", "Ein zweiter Text.", "\n", "", "emoji 🎉 and a NUL \x00", "x" * 100]
    vectors = encode_passages(LOCAL, texts)
    assert vectors.shape == (6, 512)
    assert vectors.dtype == np.float16
    assert np.array_equal(vectors, encode_passages(LOCAL, texts))
    assert np.allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), 1, atol=1e-3)
    assert np.array_equal(encode_passages(LOCAL, ["one"])[0], encode_query(LOCAL, "one"))


def test_a_call_changes_no_number_of_threads_under_another_one() -> None:
    """The last bit of a sum depends on it, and with it what is rounded to half precision."""
    load(LOCAL)
    assert {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"} == {1}


def test_no_text_gives_no_vector() -> None:
    assert encode_passages(LOCAL, []).shape == (0, 512)


def test_a_text_is_cut_at_the_largest_length() -> None:
    text = "Sentences about several things. " * 1_000
    assert np.array_equal(encode_query(LOCAL, text), encode_query(LOCAL, text[:MAX_CHARACTERS]))


async def test_the_caller_awaits_a_local_model_wherever_it_runs() -> None:
    embedder: Embedder = await open_embedder(LOCAL, run=asyncio.to_thread)
    assert (embedder.model, embedder.dimension) == ("local:use-multilingual-v3", 512)
    passages = await embedder.passages(["a", "b"])
    assert np.array_equal(passages, encode_passages(LOCAL, ["a", "b"]))
    assert np.allclose(await embedder.query("a"), passages[0], atol=1e-3)
    await embedder.close()


def test_a_model_is_loaded_once_and_its_value_can_be_sent_to_a_child() -> None:
    assert load(LOCAL) is load(pickle.loads(pickle.dumps(LOCAL)))


@pytest.mark.parametrize("bad", [0.0, math.nan, math.inf])
def test_a_vector_without_direction_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="zero or not finite"):
        unit_vectors(np.array([[1.0, 2.0], [bad, 0.0]], np.float32))


WORDS = ["[UNK]", "query:", "passage:", "cat", "dog", "bread"]
TABLE = np.array(
    [[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [4, 0, 0, 0], [3, 0, 0, 1], [0, 0, 4, 4]], np.float32
)


def write_model(
    directory: Path, *, pooled: bool = False, extra_input: str = "", **description: object
) -> OnnxModel:
    """A model that looks up a vector for each word: real files, four dimensions."""
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, "[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    words.save(str(directory / "tokenizer.json"))
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["tokens"])]
    if pooled:
        nodes.append(helper.make_node("ReduceMax", ["tokens", "axis"], ["out"], keepdims=0))
    else:
        nodes.append(helper.make_node("Identity", ["tokens"], ["out"]))
    names = ["input_ids", "attention_mask", *([extra_input] if extra_input else [])]
    graph = helper.make_graph(
        nodes,
        "words",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "length"]) for name in names],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 4] if pooled else ["n", "length", 4])],
        [numpy_helper.from_array(TABLE, "table"), numpy_helper.from_array(np.array([1]), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(directory / "model.onnx"))
    if description:
        (directory / "lethe.json").write_text(json.dumps(description))
    return OnnxModel(directory)


def direction(*numbers: float) -> list[float]:
    return [number / math.hypot(*numbers) for number in numbers]


def test_an_onnx_models_token_vectors_are_averaged_over_the_texts_own_tokens(tmp_path: Path) -> None:
    model = write_model(tmp_path)
    vectors = encode_passages(model, ["cat", "cat dog", "bread bread bread bread unknown"])
    assert np.allclose(vectors[0], direction(4, 0, 0, 0), atol=1e-3)
    assert np.allclose(vectors[1], direction(7, 0, 0, 1), atol=1e-3)
    assert np.allclose(vectors[2], direction(0, 0, 16, 17), atol=1e-3)
    assert describe(model) == (f"onnx:{tmp_path.name}", 4)


def test_an_onnx_batch_and_its_texts_alone_give_the_same(tmp_path: Path) -> None:
    model = write_model(tmp_path)
    texts = ["cat " * n + "dog" for n in range(40)]
    together = encode_passages(model, texts)
    assert together.shape == (40, 4)
    assert np.array_equal(together[33], encode_passages(model, [texts[33]])[0])


def test_an_onnx_model_that_gives_one_vector_a_text_is_taken_as_it_is(tmp_path: Path) -> None:
    assert np.allclose(
        encode_query(write_model(tmp_path, pooled=True), "cat dog"), direction(4, 0, 0, 1), atol=1e-3
    )


def test_the_prefixes_of_lethe_json_stand_before_queries_and_passages(tmp_path: Path) -> None:
    model = write_model(
        tmp_path, name="words", query_prefix="query: ", passage_prefix="passage: ", max_tokens=8
    )
    assert np.allclose(encode_query(model, "cat"), direction(4, 0, 1, 0), atol=1e-3)
    assert np.allclose(encode_passages(model, ["cat"])[0], direction(4, 1, 0, 0), atol=1e-3)
    cut = encode_passages(model, ["cat " * 7 + "bread"])
    assert np.array_equal(cut, encode_passages(model, ["cat " * 7]))
    assert describe(model) == ("onnx:words", 4)


async def test_models_work_in_children_behind_their_bars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write_model(tmp_path)
    (tmp_path / "loaded.py").write_text(
        "from pathlib import Path\n"
        "from lethe.adapters.embedders import LocalModel, OnnxModel\n"
        "from lethe.adapters.embedders.cpu import load\n"
        f"load(OnnxModel(Path({str(tmp_path)!r})))\nload(LocalModel())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    async with Children(["loaded"]) as children:
        for spec, dimension in ((model, 4), (LOCAL, 512)):
            embedder = await open_embedder(spec, run=children.run)
            assert embedder.dimension == dimension
            passages = await embedder.passages(["cat", "dog"])
            assert passages.shape == (2, dimension)
            assert np.allclose(passages, encode_passages(spec, ["cat", "dog"]), atol=1e-3)
            assert np.allclose(await embedder.query("cat"), passages[0], atol=1e-3)


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_missing_model_file_is_named(missing: str, tmp_path: Path) -> None:
    model = write_model(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(OperatorError, match=missing):
        load(model)


@pytest.mark.parametrize("damaged", ["model.onnx", "tokenizer.json", "lethe.json"])
def test_a_damaged_model_file_is_the_operators_to_mend(damaged: str, tmp_path: Path) -> None:
    model = write_model(tmp_path)
    (tmp_path / damaged).write_bytes(b'{"unknown": 1}')
    with pytest.raises(OperatorError, match=tmp_path.name):
        load(model)


def test_a_model_with_an_input_of_another_kind_is_the_operators_to_mend(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="pixel_values"):
        load(write_model(tmp_path, extra_input="pixel_values"))


@pytest.mark.parametrize("library", ["onnxruntime", "tokenizers"])
def test_a_missing_library_is_named_with_the_command_that_installs_it(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write_model(tmp_path)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(OperatorError, match=r"pip install 'lethe-kb\[onnx\]'"):
        load(model)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("local", LocalModel()),
        (" local\n", LocalModel()),
        ("onnx:/models/e5", OnnxModel(Path("/models/e5"))),
        (
            "openai:http://127.0.0.1:8080/v1/#BAAI/bge-m3",
            OpenAIModel("http://127.0.0.1:8080/v1", "BAAI/bge-m3", "k"),
        ),
        ("openai:https://x.test/v1#nomic:v1.5#2", OpenAIModel("https://x.test/v1", "nomic:v1.5#2", "k")),
    ],
)
def test_a_setting_is_read_into_a_value(text: str, spec: EmbedderSpec) -> None:
    assert parse_embedder(text, "k") == spec


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("", None, "must be local, openai"),
        ("locale", None, "must be local, openai"),
        ("local:x", None, "must be local, openai"),
        ("onnx:", None, "must be local, openai"),
        ("openai:", None, "base URL"),
        ("openai:text-embedding-3-small", None, "base URL"),
        ("openai:ftp://host/v1#m", None, "base URL"),
        ("openai:http://[::1/v1#m", None, "base URL"),
        ("openai:http://host:x/v1#m", None, "base URL"),
        ("openai:http://ho st/v1#m", None, "base URL"),
        ("openai:http://host/v1?x=y#m", None, "base URL"),
        ("openai:http://me:pass@host/v1#m", None, "LETHE_EMBEDDER_KEY"),
        ("openai:http://host/v1", None, "no model"),
        ("openai:http://host/v1#", None, "no model"),
        ("openai:http://host/v1#m", "secret\n", "LETHE_EMBEDDER_KEY"),
    ],
)
def test_a_wrong_setting_says_what_to_write(text: str, key: str | None, reason: str) -> None:
    with pytest.raises(OperatorError, match=reason) as caught:
        parse_embedder(text, key)
    assert "secret" not in str(caught.value)
