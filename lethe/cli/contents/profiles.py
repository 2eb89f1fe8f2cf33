"""The servers that the user has logged in to, in a file that only the user can read."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_config_path

from lethe.cli.contents import private_files
from lethe.domain.errors import OperatorError


@dataclass(frozen=True)
class Profile:
    """A server and the token for it."""

    url: str
    token: str


def path() -> Path:
    """The file: `profiles.json` in the user's configuration directory for `lethe`."""
    return user_config_path("lethe") / "profiles.json"


def find(name: str | None) -> Profile | None:
    """A profile by name; without a name, the one that LETHE_PROFILE names, or `default`; None if there is no default.

    Raises OperatorError if a profile was named that does not exist.
    """
    wanted = name or os.environ.get("LETHE_PROFILE")
    found = _read().get(wanted or "default")
    if found is None and wanted:
        raise OperatorError(f"There is no profile '{wanted}': run 'lethe login URL --profile {wanted}'.")
    return found


def save(name: str | None, profile: Profile) -> str:
    """Store a profile; returns its name. The old file stays if anything fails."""
    wanted = name or os.environ.get("LETHE_PROFILE") or "default"
    profiles = {**_read(), wanted: profile}
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_files.replace(path(), {key: asdict(value) for key, value in profiles.items()})
    return wanted


def same(url: str, other: str) -> bool:
    """Whether two addresses are the same, a trailing slash aside."""
    return url.rstrip("/") == other.rstrip("/")


def _read() -> dict[str, Profile]:
    try:
        stored = json.loads(path().read_text("utf-8"))
        return {name: Profile(**profile) for name, profile in stored.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as exc:
        raise OperatorError(f"{path()} is damaged: delete it and run 'lethe login'.") from exc
