"""Recipe data as YAML text that reads back as the same data."""

from typing import Any

import yaml

from fibplan.library.source_map import plain_value


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML 1.2 would read as something else or that has odd characters; writes no alias."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = isinstance(plain_value(text), str) and text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    nested = any(isinstance(item, list | dict) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=not nested)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def as_yaml(data: Any) -> str:
    """The data in block style, lists without parts in one line, keys in their own order, lines ended by LF."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False)
