"""Keep the translations whole: `python packaging/sentences.py de` lists what German still lacks.

Every sentence of the window goes through `say`. This script reads the source, follows what each
call is given back to the text it stands for, and compares that with resources/i18n/<language>.json:

    python packaging/sentences.py              how every language stands
    python packaging/sentences.py de >new      what German lacks, as JSON to be filled in
    python packaging/sentences.py de new       take what was filled in; drop what nobody says

`say` may be given a text, or something that leads to texts: a table at the top of the same file
or imported from another one of app/ui, read by key, by `.get` or by unpacking, or a parameter that
the file's own calls fill. A call that leads nowhere is an error, told by its place, so no sentence
escapes.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path("app", "ui")
TRANSLATIONS = Path("resources", "i18n")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Bound = ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.For | ast.comprehension


class Untraceable(Exception):
    """What `say` is given at `place` (file:line) leads to no text."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place}: what say is given here leads to no text")
        self.place = place


@dataclass(frozen=True, slots=True)
class Said:
    """One text that one call of `say` may be given; `place` is the file and line of the call."""

    sentence: str
    place: str


class Module:
    """One file of source, and the way from its calls of `say` to texts.

    `others` are those it may import from, by the name they are imported by.
    """

    def __init__(self, path: str, text: str, others: Mapping[str, Module]) -> None:
        self._path = path
        self._others = others
        self._tree = ast.parse(text)
        self._calls: list[ast.Call] = []
        self._home: dict[ast.Call, Function] = {}
        nodes: list[tuple[ast.AST, Function | None]] = [(self._tree, None)]
        for node, home in nodes:  # the list grows below: breadth first, as ast.walk goes
            if isinstance(node, Function):
                home = node  # noqa: PLW2901 - what stands inside belongs to this function
            elif isinstance(node, ast.Call):
                self._calls.append(node)
                if home is not None:
                    self._home[node] = home
            nodes += [(child, home) for child in ast.iter_child_nodes(node)]

    def said(self) -> Iterator[Said]:
        """Give every text that is said. Raises Untraceable."""
        for call in self._calls:
            for given in _given_to_say(call):
                place = f"{self._path}:{call.lineno}"
                texts = [text for text in self._texts(given, self._home.get(call), ()) if text]
                if not texts:
                    raise Untraceable(place)
                yield from (Said(text, place) for text in texts)

    def texts_of(self, name: str) -> Iterator[str]:
        """Give the texts of what is called `name` at the top of the file, or imported there."""
        return self._texts(ast.Name(name), None, ())

    def _texts(
        self, node: ast.expr, home: Function | None, met: tuple[ast.AST, ...]
    ) -> Iterator[str]:
        """Give the texts that `node` may stand for; `met` are the names on the way there."""
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.Name(id=name) if node not in met:
                for source, around in self._sources(name, home):
                    yield from self._texts(source, around, (*met, node))
                yield from self._imported(name)
            case _:
                for part in _parts(node):
                    yield from self._texts(part, home, met)

    def _sources(
        self, name: str, home: Function | None
    ) -> Iterator[tuple[ast.expr, Function | None]]:
        """Give what `name` is bound to in the function `home`, or else in the file."""
        if home is not None:
            bound = ((value, home) for value in _bindings(name, ast.walk(home)))
            inside = [*bound, *self._arguments(name, home)]
            yield from inside
            if inside:
                return
        yield from ((value, None) for value in _bindings(name, iter(self._tree.body)))

    def _imported(self, name: str) -> Iterator[str]:
        """Give the texts of what is imported as `name`."""
        for node in self._tree.body:
            match node:
                case ast.ImportFrom(module=str(module), names=names) if module in self._others:
                    wanted = [each.name for each in names if (each.asname or each.name) == name]
                    for original in wanted:
                        yield from self._others[module].texts_of(original)

    def _arguments(
        self, name: str, function: Function
    ) -> Iterator[tuple[ast.expr, Function | None]]:
        """Give what the calls in this file hand to the parameter `name` of `function`."""
        order = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        for call in self._calls:
            if not (isinstance(call.func, ast.Name) and call.func.id == function.name):
                continue
            given = dict(zip(order, call.args, strict=False))
            given |= {word.arg: word.value for word in call.keywords if word.arg}
            if name in given:
                yield given[name], self._home.get(call)


def _given_to_say(call: ast.Call) -> Iterator[ast.expr]:
    """Give what `call` has said: of say(text) the text, of map(say, texts) the texts."""
    match call:
        case ast.Call(func=ast.Name(id="say"), args=[first, *_]):
            yield first
        case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id="say"), *rest]):
            yield from rest


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return what a value comes from: not the key it is read by, nor what decides about it."""
    match node:
        case ast.Call():
            return _parts_of_call(node)
        case ast.Subscript(value=inner) | ast.Starred(value=inner):
            return [inner]
        case (
            ast.Tuple(elts=parts)
            | ast.List(elts=parts)
            | ast.BoolOp(values=parts)
            | ast.Dict(values=parts)
        ):
            return parts
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.GeneratorExp(elt=each) | ast.ListComp(elt=each):
            return [each]
    return []


def _parts_of_call(call: ast.Call) -> list[ast.expr]:
    match call:
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *default]):
            return [table, *default]
        case ast.Call(func=ast.Attribute(value=table, attr="values" | "items"), args=[]):
            return [table]
        case ast.Call(func=ast.Name(id="next"), args=parts):
            return parts
    return []


def _bindings(name: str, nodes: Iterator[ast.AST]) -> Iterator[ast.expr]:
    """Give the values that one of `nodes` binds to `name`, alone or by unpacking."""
    for node in nodes:
        if not isinstance(node, Bound):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.iter if isinstance(node, ast.For | ast.comprehension) else node.value
        names = {
            each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
        }
        if name in names and value is not None:
            yield value


def said_in(root: Path) -> list[Said]:
    """Return every text said by the program below `root`, the checkout. Raises Untraceable."""
    files = sorted((root / SOURCE).rglob("*.py"))
    texts = {file.relative_to(root).as_posix(): file.read_text("utf-8") for file in files}
    return [said for module in modules(texts) for said in module.said()]


def modules(texts: Mapping[str, str]) -> list[Module]:
    """Return the modules at these paths below the checkout, each of which may import the others."""
    found: dict[str, Module] = {}
    for path, text in texts.items():
        name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        found[name] = Module(path, text, found)
    return list(found.values())


def sentences(root: Path) -> frozenset[str]:
    """Return every sentence, once. Raises Untraceable."""
    return frozenset(said.sentence for said in said_in(root))


def languages(root: Path) -> dict[str, Path]:
    """Return the file of each language that there is a translation for."""
    return {file.stem: file for file in sorted((root / TRANSLATIONS).glob("*.json"))}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a translation lacks, and what it holds that nobody says, each sorted."""

    missing: list[str]
    left_over: list[str]


def standing(wanted: frozenset[str], held: dict[str, str]) -> Standing:
    """Return how a translation that is `held` stands to what is `wanted`."""
    missing = {sentence for sentence in wanted if not held.get(sentence)}
    return Standing(sorted(missing), sorted(held.keys() - wanted))


def merged(wanted: frozenset[str], held: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return what is held and new of what is wanted, sorted; what is empty stays away."""
    both = held | {sentence: words for sentence, words in new.items() if words}
    return {sentence: both[sentence] for sentence in sorted(both.keys() & wanted)}


def as_json(translation: dict[str, str]) -> str:
    """Return `translation` as its file is written."""
    return json.dumps(translation, ensure_ascii=False, indent=2) + "\n"


def read(file: Path) -> dict[str, str]:
    """Return the translation in `file`, empty where there is none yet."""
    if not file.exists():
        return {}
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code tells whether everything is translated."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("language", nargs="?", help="a language, such as de or pt-BR")
    parser.add_argument("filled", nargs="?", type=Path, help="sentences to take into it, as JSON")
    given = parser.parse_args(arguments)
    try:
        wanted = sentences(ROOT)
    except Untraceable as error:
        print(error, file=sys.stderr)
        return 2
    if given.language is None:
        return max((_tell(wanted, name, file) for name, file in languages(ROOT).items()), default=0)
    file = ROOT / TRANSLATIONS / f"{given.language}.json"
    if given.filled is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(as_json(merged(wanted, read(file), read(given.filled))), "utf-8")
        return _tell(wanted, given.language, file)
    return _list(standing(wanted, read(file)))


def _tell(wanted: frozenset[str], name: str, file: Path) -> int:
    """Say in a line how a language stands."""
    found = standing(wanted, read(file))
    print(f"{name}: {len(found.missing)} missing, {len(found.left_over)} left over")
    return int(bool(found.missing or found.left_over))


def _list(found: Standing) -> int:
    """Print what is missing as JSON, and beside it, for whoever looks, what nobody says."""
    print(as_json(dict.fromkeys(found.missing, "")), end="")
    for sentence in found.left_over:
        print(f"left over: {sentence}", file=sys.stderr)
    return int(bool(found.missing or found.left_over))


if __name__ == "__main__":
    sys.exit(main())
