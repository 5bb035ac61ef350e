"""The house keeps its own order: where things are, who may import whom, what no file may hold.

Architecture that is only written down wears off. What can be checked mechanically is checked here;
the contracts of imports themselves stand in pyproject.toml.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import grimp
import pytest

from sentences import sentences

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
MODULES = sorted(APP.rglob("*.py"))
TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "app",
    "packaging",
    "pyproject.toml",
    "resources",
    "tests",
}
MADE_BY_TOOLS = {"build", "dist", "__pycache__"}  # each of them ignored by .gitignore
SENTENCE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}")
# path under app/ui/ -> why its words may be shown, or are not shown
WORDS_OF_THEIR_OWN = {
    "models/history.py": "raw facts are called the same by everybody who supports a desk",
    "qt_log.py": "Qt's own words",
    "theme.py": "names of fonts",
    "tour.py": "its steps are called so in a report",
}
FORBIDDEN_TEXT = (
    (r"\b(TODO|FIXME|XXX)\b", "unfinished work belongs in an issue"),
    (r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False", "TLS is always verified"),
    (r"except\s*:|except\s+Exception\b", "an error is caught by its name"),
    (r"(noqa|type: ignore)(?![^\n]*-\s+\w{2})", "a rule is silenced with a reason beside it"),
)


def _settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _contracts() -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in _settings()["tool"]["importlinter"]["contracts"]}


def _parts_of_app() -> set[str]:
    """The packages and modules directly under app/, as they are imported."""
    packages = {path.parent.name for path in APP.glob("*/__init__.py")}
    modules = {path.stem for path in APP.glob("*.py") if path.stem != "__init__"}
    return {f"app.{name}" for name in packages | modules}


def _imported_names(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def _places(module: Path, pattern: str) -> Iterator[str]:
    for number, line in enumerate(module.read_text(encoding="utf-8").splitlines(), start=1):
        if re.search(pattern, line):
            yield f"{module.relative_to(ROOT)}:{number}"


def _sentences_not_said(module: Path) -> Iterator[str]:
    """Texts of several words that are neither said, nor logged, nor raised, nor documentation."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    apart: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.Assert():
                apart.update(ast.walk(node))
            case ast.Call(func=ast.Name(id="say") | ast.Attribute(value=ast.Name(id="_LOG"))):
                apart.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart:
            yield node.value


def test_the_contracts_of_imports_hold() -> None:
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("app", cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the circle


def test_no_part_of_the_station_takes_in_what_another_tells_the_window() -> None:
    """Parts call each other: whatever takes a notice of any kind would be listening."""
    listening = [
        f"{module.relative_to(ROOT)}:{argument.lineno}"
        for module in (APP / "station").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.annotation is not None and ast.unparse(argument.annotation) == "Notice"
    ]
    assert listening == []


def test_every_part_of_app_but_ui_is_forbidden_qt() -> None:
    named = set(_contracts()["qt-in-ui-alone"]["source_modules"])
    assert _parts_of_app() - named == {"app.ui"}


def test_every_part_of_app_has_its_place_among_the_layers() -> None:
    layers = [layer for each in _contracts().values() for layer in each.get("layers", [])]
    named = set(re.findall(r"app\.\w+", " ".join(layers)))
    assert _parts_of_app() <= named


def test_core_imports_the_standard_library_alone() -> None:
    allowed = sys.stdlib_module_names | {"app"}
    foreign = {
        name
        for module in (APP / "core").rglob("*.py")
        for name in _imported_names(module)
        if name.partition(".")[0] not in allowed
    }
    assert foreign == set()


def test_core_never_asks_what_time_it_is() -> None:
    clock = r"\b(now|utcnow|today|time|monotonic)\(\)"
    assert [
        place for module in (APP / "core").rglob("*.py") for place in _places(module, clock)
    ] == []


def test_the_top_level_holds_only_what_the_map_shows() -> None:
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert visible - MADE_BY_TOOLS <= TOP_LEVEL


@pytest.mark.parametrize(("pattern", "why"), FORBIDDEN_TEXT, ids=[why for _, why in FORBIDDEN_TEXT])
def test_no_module_holds_forbidden_text(pattern: str, why: str) -> None:
    places = [place for module in MODULES for place in _places(module, pattern)]
    assert places == [], why


def test_every_module_says_why_it_exists() -> None:
    silent = [
        module.relative_to(ROOT).as_posix()
        for module in MODULES
        if ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


def test_no_part_of_the_window_shows_a_sentence_that_is_not_said() -> None:
    said = sentences(ROOT)
    found = {
        (name, text)
        for module in (APP / "ui").rglob("*.py")
        if (name := module.relative_to(APP / "ui").as_posix()) not in WORDS_OF_THEIR_OWN
        for text in _sentences_not_said(module)
        if SENTENCE.search(text) and text not in said
    }
    assert found == set()


def test_resources_hold_no_python() -> None:
    assert list((ROOT / "resources").rglob("*.py")) == []


def test_the_build_machine_runs_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 packaging/bootstrap.py test" in script
