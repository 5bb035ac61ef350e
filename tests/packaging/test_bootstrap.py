"""The two commands of the README, as far as they can be judged without a fresh machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

PACKAGING = Path(bootstrap.__file__).parent


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PACKAGING / "bootstrap.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_help_names_the_commands_and_succeeds() -> None:
    done = _run("--help")
    assert done.returncode == 0
    assert "bootstrap.py demo" in done.stdout
    assert "bootstrap.py test" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("destroy",)])
def test_no_command_or_an_unknown_one_shows_the_help_and_fails(arguments: tuple[str, ...]) -> None:
    done = _run(*arguments)
    assert done.returncode == 2
    assert "bootstrap.py demo" in done.stderr


# The tests under Wine begin where the environment of the tests is already there.
@pytest.mark.parametrize(
    "module",
    sorted(path for path in PACKAGING.glob("*.py") if path.name != "wine.py"),
    ids=lambda path: path.name,
)
def test_the_bootstrap_needs_the_standard_library_alone(module: Path) -> None:
    allowed = sys.stdlib_module_names | {sibling.stem for sibling in PACKAGING.glob("*.py")}
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    imported = {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= allowed


def test_an_old_python_is_told_so_before_it_meets_what_it_cannot_read() -> None:
    tree = ast.parse((PACKAGING / "bootstrap.py").read_text(encoding="utf-8"))
    kinds = [node for node in tree.body if isinstance(node, (ast.If, ast.Import))]
    check = next(index for index, node in enumerate(kinds) if isinstance(node, ast.If))
    ours = next(
        index
        for index, node in enumerate(kinds)
        if isinstance(node, ast.Import) and node.names[0].name == "debian"
    )
    assert "sys.version_info" in ast.unparse(kinds[check])
    assert check < ours


def test_the_files_here_name_no_machine_and_no_index() -> None:
    for path in PACKAGING.rglob("*"):
        if path.suffix in {".py", ".txt"}:
            text = path.read_text(encoding="utf-8")
            assert "://" not in text, path
            assert "/home/" not in text, path
