"""The plugin's own converter for mapping files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.mapping.converters import Converter, Environment, Pair
from hub.mapping.values import number, shown


def _under(args: Sequence[str], env: Environment) -> Pair:
    if len(args) != 1:
        raise ValueError("under needs one name, as in: quantities | under(available)")
    name = args[0]
    mark = str(env.options.get("decimal", "."))

    def read(value: str) -> dict[str, Decimal]:
        return {name: number(value, mark)}

    def write(value: Mapping[str, Any]) -> str:
        if name not in value:
            return ""
        text = shown(value[name])
        return text.replace(".", mark) if mark != "." else text

    return Pair(read, write, gives="any", domain={"kind": "number_map", "key": name})


UNDER = Converter("under", _under, "under(available): a number, as the one of that name in a map of numbers")
