"""Write runtime.txt and dev.txt anew from pyproject.toml: `make pins`.

dev.txt holds what tests and checks need besides runtime.txt. Both are resolved together, so that the tests
run with the very versions that are served.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Resolve, split, write."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    runtime: list[str] = project["project"]["dependencies"]
    optional: list[str] = project["project"]["optional-dependencies"]["onnx"]
    dev: list[str] = project["dependency-groups"]["dev"]
    everything = _resolve([*runtime, *optional, *dev])
    served = _resolve(runtime, constraints=[f"{name}=={version}" for name, version in everything.items()])
    _write("runtime.txt", "What Lethe runs with.", served)
    rest = {name: version for name, version in everything.items() if name not in served}
    _write("dev.txt", "What tests and checks need besides runtime.txt.", rest)


def _resolve(wanted: list[str], constraints: list[str] | None = None) -> dict[str, str]:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--ignore-installed",
        "--quiet",
        "--report",
        "-",
    ]
    if constraints:
        file = HERE / "constraints.tmp"
        file.write_text("\n".join(constraints), encoding="utf-8")
        command += ["--constraint", str(file)]
    try:
        report = subprocess.run([*command, *wanted], check=True, stdout=subprocess.PIPE).stdout
    finally:
        (HERE / "constraints.tmp").unlink(missing_ok=True)
    found = (package["metadata"] for package in json.loads(report)["install"])
    return dict(sorted((package["name"].lower(), package["version"]) for package in found))


def _write(name: str, about: str, pins: dict[str, str]) -> None:
    lines = [f"# {about} Written by `make pins` from pyproject.toml."]
    lines += [f"{package}=={version}" for package, version in pins.items()]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
