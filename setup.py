"""The server's package takes a copy of the client for its commands, out of the way of the distribution lethe-client.

Two distributions that own the same files break each other: removing one removes the other's. And it cannot depend on
lethe-client, which no index has.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithClient(build_py):
    """Adds the client as lethe/cli/bundled/lethe_client. In an editable installation lethe/cli finds its source."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "lethe/cli/bundled/lethe_client")
            shutil.copytree("clients/python/lethe_client", target, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip


setup(cmdclass={"build_py": WithClient})
