"""YAML text to plain data plus the place of every key and value, with every trap of the format refused.

YAML 1.2 is read (``no`` and ``1:30`` are text). Duplicate keys, aliases, tabs, several documents and keys that are not
text are faults with their place; all that can be told apart are reported together.
"""

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fibplan.errors import Fault, InvalidFile
from fibplan.model.finding import RecipePath

LARGEST_FILE = 200_000
"""Characters; the paper's whole recipe has about 8,000."""


@dataclass(frozen=True)
class Place:
    """A position in a file, lines and columns from 1."""

    file: str
    line: int
    column: int

    def fault(self, where: str, message: str, remedy: str) -> Fault:
        return Fault(self.file, self.line, self.column, where, message, remedy)


@dataclass
class SourceMap:
    """Where the keys and values of one file stand."""

    file: str
    values: dict[RecipePath, Place] = field(default_factory=dict[RecipePath, Place])
    keys: dict[RecipePath, Place] = field(default_factory=dict[RecipePath, Place])

    def locate(self, path: RecipePath, *, key: bool = False) -> Place:
        """The place of that value (or of its key), or of the nearest thing above it that is in the file."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(self.file, 1, 1))


def spelled(path: RecipePath) -> str:
    """A path as people read it.

    >>> spelled(("steps", 3, "beam_current"))
    'steps[3].beam_current'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read_yaml(text: str, file: str) -> tuple[dict[str, Any], SourceMap]:
    """The data of a YAML file whose top level is a mapping, and its source map.

    Raises :class:`~fibplan.errors.InvalidFile` with every fault found.
    """
    start = Place(file, 1, 1)
    if len(text) > LARGEST_FILE:
        fault = start.fault(
            "", f"the file has {len(text):,} characters", f"a recipe or card has at most {LARGEST_FILE:,}"
        )
        raise InvalidFile([fault])
    node = _compose(text, file)
    if node is None:
        raise InvalidFile(
            [start.fault("", "the file is empty", "write a recipe; fibplan schema recipe shows the form")]
        )
    reader = _Reader(SourceMap(file))
    data = reader.read(node, ())
    if not isinstance(data, dict):
        reader.faults.append(
            _place(node, file).fault("", "the file is not a mapping of keys to values", "write key: value")
        )
    if reader.faults:
        raise InvalidFile(reader.faults)
    return data, reader.map


def _compose(text: str, file: str) -> Node | None:
    try:
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise InvalidFile([_syntax_fault(error, text, file)]) from None
    except YAMLError as error:
        why = " ".join(str(error).split())
        raise InvalidFile([Place(file, 1, 1).fault("", f"not YAML: {why}", "save the file as UTF-8 text")]) from None
    except RecursionError:
        fault = Place(file, 1, 1).fault("", "nested too deeply", "a recipe has at most a dozen levels")
        raise InvalidFile([fault]) from None


def _syntax_fault(error: MarkedYAMLError, text: str, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    problem = str(error.problem or error.context or "syntax error")
    if line <= len(lines) and "\t" in lines[line - 1][: max(column, 1)]:
        return Fault(file, line, column, "", "a tab stands where YAML wants spaces", "indent with spaces")
    return Fault(
        file, line, column, "", f"not YAML: {problem}", "check the indentation, colons and quotes of this line"
    )


def _place(node: Node, file: str) -> Place:
    mark = node.start_mark
    return Place(file, mark.line + 1, mark.column + 1)


class _Reader:
    """Walks the node graph once, building data, source map and faults together."""

    def __init__(self, source_map: SourceMap) -> None:
        self.map = source_map
        self.faults: list[Fault] = []
        self._seen: set[int] = set()

    def read(self, node: Node, path: RecipePath, place: Place | None = None) -> Any:
        place = place or _place(node, self.map.file)
        self.map.values[path] = place
        if id(node) in self._seen:
            self.faults.append(place.fault(spelled(path), "an alias (*name) repeats a value", "write the value out"))
            return None
        if isinstance(node, ScalarNode):
            return _scalar(node)
        self._seen.add(id(node))
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)
        return self._mapping(node, path)

    def _mapping(self, node: MappingNode, path: RecipePath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = _place(key_node, self.map.file)
            if not isinstance(key_node, ScalarNode):
                self.faults.append(place.fault(spelled(path), "a key is not text", "write key: value"))
                continue
            key = str(key_node.value)
            below = (*path, key)
            if key in data:
                first = self.map.keys[below].line
                self.faults.append(
                    place.fault(spelled(below), f"'{key}' stands here again", f"keep one; the first is in line {first}")
                )
                continue
            self.map.keys[below] = place
            data[key] = self.read(value_node, below, place if _stands_elsewhere(value_node, self._seen) else None)
        return data


def _stands_elsewhere(node: Node, seen: set[int]) -> bool:
    """Whether the parser's mark of a value is not where a reader looks for it: an alias, or nothing at all."""
    return id(node) in seen or (isinstance(node, ScalarNode) and node.value == "")


_NUMBERS = {"tag:yaml.org,2002:int": int, "tag:yaml.org,2002:float": float}
_WORDS = {"true": True, "false": False}


def _scalar(node: ScalarNode) -> Any:
    """Text, number, truth value or None. A number that Python reads otherwise (``1_000``, ``0o17``) stays text."""
    text = str(node.value)
    if node.tag == "tag:yaml.org,2002:null":
        return None
    if node.tag == "tag:yaml.org,2002:bool":
        return _WORDS.get(text.lower(), text)
    if node.tag in _NUMBERS and "_" not in text:
        try:
            return _NUMBERS[node.tag](text)
        except ValueError:
            return text
    return text
