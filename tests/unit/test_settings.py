"""The settings and their table in the documentation."""

import re
from pathlib import Path

import pytest

from lethe.domain.errors import OperatorError
from lethe.domain.records.search import HybridWeights
from lethe.settings import Settings, unknown_variables

TABLE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_in_the_table_with_its_default() -> None:
    documented = dict(re.findall(r"^\| `(LETHE_\w+)` \| `?([^|`]*)`? \|", TABLE.read_text(), re.MULTILINE))
    fields = Settings.model_fields
    assert list(documented) == [f"LETHE_{name.upper()}" for name in fields]
    for name, field in fields.items():
        shown = documented[f"LETHE_{name.upper()}"].strip()
        if field.default_factory is None:
            expected = "none" if field.default is None else str(field.default).lower() or "none"
            assert shown.lower() == expected, name


def test_limits_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETHE_LIMIT_PAGES", "7")
    assert Settings().limits.pages == 7
    monkeypatch.setenv("LETHE_LIMIT_PAGES", "0")
    with pytest.raises(OperatorError, match="LETHE_LIMIT_PAGES"):
        Settings()


@pytest.mark.parametrize(
    "wrong", ["", "0.6", "0.6,0.5", "-0.5,1.5", "nan,1", "inf,-inf", "a,b", "0.2,0.3,0.5"]
)
def test_hybrid_weights_are_two_numbers_that_add_up_to_one(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    assert Settings().weights == HybridWeights(vector=0.6, words=0.4)
    monkeypatch.setenv("LETHE_HYBRID_WEIGHTS", "1, 0")
    assert Settings().weights == HybridWeights(vector=1, words=0)
    monkeypatch.setenv("LETHE_HYBRID_WEIGHTS", wrong)
    with pytest.raises(OperatorError, match=r"LETHE_HYBRID_WEIGHTS.* add up to 1"):
        Settings()


def test_secrets_are_not_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETHE_EMBEDDER_KEY", "sk-123")
    monkeypatch.setenv("LETHE_DATABASE_URL", "postgresql://u:hunter2@h/d")
    assert "sk-123" not in repr(Settings())
    assert "hunter2" not in repr(Settings())
    assert Settings().as_environment()["LETHE_EMBEDDER_KEY"] == "sk-123"


def test_a_variable_that_is_no_setting_is_told_with_the_nearest_name() -> None:
    given = {
        "LETHE_DATADIR": "/x",
        "LETHE_DATA_DIR": "/y",
        "LETHE_URL": "u",
        "LETHE_QQQQ": "",
        "PATH": "/bin",
    }
    assert unknown_variables(given) == [
        "LETHE_DATADIR is not a setting: did you mean LETHE_DATA_DIR?",
        "LETHE_QQQQ is not a setting.",
    ]


@pytest.mark.parametrize(
    ("metrics", "host", "shown"),
    [
        (None, "127.0.0.1", True),
        (None, "::1", True),
        (None, "localhost", True),
        (None, "0.0.0.0", False),
        (None, "::", False),
        (None, "kb.example.org", False),
        ("true", "0.0.0.0", True),
        ("True", "::", True),
        ("false", "127.0.0.1", False),
    ],
)
def test_metrics_are_for_this_machine_unless_it_is_said_otherwise(
    metrics: str | None, host: str, shown: bool
) -> None:
    settings = Settings(host=host) if metrics is None else Settings(host=host, metrics=metrics)
    assert settings.shows_metrics is shown


def test_a_child_has_the_same_metrics_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETHE_METRICS", Settings(metrics="false").as_environment()["LETHE_METRICS"])
    assert Settings().metrics == "false"
    monkeypatch.setenv("LETHE_METRICS", "perhaps")
    with pytest.raises(OperatorError, match="LETHE_METRICS"):
        Settings()
