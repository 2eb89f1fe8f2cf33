"""The settings as flags: `--data-dir` is LETHE_DATA_DIR, and takes precedence over it."""

from typing import Annotated

from cyclopts import Parameter

from lethe.settings import Settings

Flags = Annotated[Settings, Parameter(name="*")]
