"""The house's own rules, as tests: who may import whom, and what a quick command may load."""

import os
import subprocess
import sys

import pytest
from shipped import ROOT


def test_the_import_contracts_hold() -> None:
    """Every room imports only rooms below it, pure rooms know no world, and only one room draws."""
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=_environment(),
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


FORBIDDEN = {
    "--help": ["numpy", "scipy", "matplotlib", "pyvisa", "pydantic", "shapely", "networkx", "ruamel", "lupa"],
    "check recipes/lmno-poseidon-select.yaml": ["scipy", "matplotlib", "pyvisa"],
}


@pytest.mark.parametrize("arguments", FORBIDDEN)
def test_a_quick_command_loads_no_heavy_library(arguments: str) -> None:
    """Help answers without the heavy libraries, a check without fields, pictures and instruments."""
    code = (
        "import sys\nfrom fibplan.cli.main import main\n"
        f"sys.argv = ['fibplan', *{arguments.split()!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", env=_environment(),
        check=True,
    )  # fmt: skip
    loaded = ran.stdout.rsplit("LOADED", 1)[1].split()
    assert not set(loaded) & set(FORBIDDEN[arguments])


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}
