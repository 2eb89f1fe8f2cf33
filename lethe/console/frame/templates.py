"""The template environment of each language, and its filters."""

import json
import math
import re
import shlex
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from lethe.console.frame import assets
from lethe.console.frame.languages import NAMES, language
from lethe.console.frame.sentences import said
from lethe.console.frame.vocabulary import EXCEPTIONS, KINDS, LANGUAGES, MEANINGS, PLACES, STEPS, SUBJECTS

FOLDER = Path(__file__).parents[1] / "templates"
_MARKS = {"en": ",", "es": "."}
_POINTS = {"en": ".", "es": ","}
_JOINTS = re.compile(r"([_.\-])(?=\w)")
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@cache
def environment(code: str) -> Environment:
    """The templates in a language; compiled when they are first used."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    spoken = language(code)
    made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(size=partial(size, point=_POINTS[code]), score=partial(score, point=_POINTS[code]))
    made.filters.update(number=partial(number, mark=_MARKS[code]), moment=moment, since=since)
    made.filters.update(breakable=breakable)
    made.filters.update(json=as_json, shell=shlex.quote, said=partial(said, spoken))
    made.filters.update(duration=partial(duration, point=_POINTS[code]), day=partial(day, code=code))
    made.globals.update(
        languages=NAMES,
        asset=assets.versioned,
        kinds=KINDS,
        tongues=LANGUAGES,
        steps=STEPS,
        subjects=SUBJECTS,
        exceptions=EXCEPTIONS,
        places=PLACES,
        meanings=MEANINGS,
    )
    return made


def breakable(name: str) -> Markup:
    """A name that, if it is long, may wrap after a `_`, `.` or `-` rather than in the middle of a word."""
    return Markup(_JOINTS.sub(r"\1<wbr>", str(escape(name)), count=12)) if len(name) > 24 else escape(name)  # noqa: S704


def score(value: float, point: str) -> str:
    """The score of a hit, with three decimals."""
    return f"{value:.3f}".replace(".", point)


def size(count: int | None, point: str) -> str:
    """A number of bytes in a readable unit."""
    if not count:
        return "0 bytes"
    if count == 1:
        return "1 byte"
    power = min(int(math.log(count, 1000)), len(_UNITS) - 1)
    value = count / 1000**power
    rounded = f"{value:.0f}" if power == 0 or value >= 10 else f"{value:.1f}".replace(".", point)
    return f"{rounded} {_UNITS[power]}"


def number(value: float | None, mark: str) -> str:
    """A number with a separator between thousands."""
    return f"{value or 0:,}".replace(",", mark)


def as_json(value: object) -> str:
    """A value as JSON, without characters that a terminal may obey."""
    return json.dumps(value).replace("\x7f", "\\u007f")


def duration(seconds: float, point: str) -> str:
    """A duration in a readable unit."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}".replace(".", point)
    return f"{seconds:.2g} s".replace(".", point) if seconds < 10 else f"{seconds:.0f} s"


def day(day: date, code: str) -> str:
    """A day without its year."""
    return f"{day.day}/{day.month}" if code == "es" else f"{day:%b} {day.day}"


def since(time: str, earlier: str) -> float:
    """The seconds from one time to another."""
    return (datetime.fromisoformat(time) - datetime.fromisoformat(earlier)).total_seconds()


def moment(time: datetime | str | None, *, exact: bool = False) -> Markup:
    """A time, which the page's script shows in the reader's zone; `exact`: with seconds and the zone."""
    if time is None:
        return Markup("–")
    at = datetime.fromisoformat(time) if isinstance(time, str) else time
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}"{}>{}</time>').format(
        at.isoformat(timespec="seconds"),
        Markup(" data-exact") if exact else "",
        at.strftime("%Y-%m-%d %H:%M:%S UTC" if exact else "%Y-%m-%d %H:%M UTC"),
    )
