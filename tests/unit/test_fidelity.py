"""The measures of bench/fidelity.py."""

from pathlib import Path

import pytest

from bench.fidelity import changes, compared, examined, words
from lethe.domain.limits import Limits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold** *x* ~~y~~ 10^6^ H~2~O", ["bold", "x", "y", "106", "h2o"]),
        ("[here](https://a.b/c) it is[^1].\n\n[^1]: note", ["here", "it", "is", "note"]),
        ("a\\_b \\<div> one<br>two soft\u00adware", ["a", "b", "div", "one", "two", "software"]),
        ("日本 Tokyo", ["日", "本", "tokyo"]),
    ],
)
def test_words_are_compared_without_marks(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_recall_precision_and_order() -> None:
    row = compared("# one two\n\nfour five", "one two three four")
    assert (row["recall"], row["precision"], row["order"]) == (0.75, 0.75, 0.3333)


def test_a_run_tells_what_changed_since_another(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "a.txt").write_text("a b 1 2")
    (tmp_path / "b.pdf").write_text("none")
    good, bad = examined(tmp_path / "a.csv", Limits()), examined(tmp_path / "b.pdf", Limits())
    assert (good["recall"], good["blocks"]["TableRowNode"], good["refused"]) == (1, 2, None)
    assert "b.pdf" in bad["refused"]
    assert changes({"a": good, "b": bad}, {"a": good, "b": bad}) == ([], False)
    assert changes({"a": good}, {"a": bad})[1]
    assert not changes({"a": {**good, "recall": 0.9}}, {"a": good})[1]
