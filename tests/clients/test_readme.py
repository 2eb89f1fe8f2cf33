"""The examples of the client's README run as they are written."""

import re
import shutil
from pathlib import Path

import pytest

from tests.client import Client
from tests.server import Server

ROOT = Path(__file__).parents[2]
README = ROOT / "clients" / "python" / "README.md"
_EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_examples_run_one_after_the_other(
    server: Server,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LETHE_URL", server.url)
    monkeypatch.setenv("LETHE_TOKEN", client.token)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples" / "rental-policy.pdf", "report.pdf")
    Path("handbook", "chapter").mkdir(parents=True)
    Path("handbook", "chapter", "one.md").write_text("# Returns\n\nGoods may be returned.")
    Path("handbook", "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    names: dict[str, object] = {}
    shown = []
    examples = _EXAMPLE.findall(README.read_text("utf-8"))
    assert len(examples) == README.read_text("utf-8").count("```python") > 6
    for example in examples:
        exec(compile(example, str(README), "exec"), names)
        shown.append(capsys.readouterr().out)
    assert "report.pdf []" in shown[0]
    assert "'documents': 1" in shown[0]
    assert "broken.pdf: 'broken.pdf' is damaged" in shown[1]
    assert "/handbook/chapter/one.md" in shown[1]
    assert "There is no node with this id." in shown[4]
    assert shown[-1].count("Free for 48 hours.") == 2
