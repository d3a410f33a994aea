"""``stores.toml``: the stores, how each is reached, and what it may see.

::

    [[store]]
    id = "S001"
    name = "Springfield"
    kind = "sqlite"                     # replica type, offered by a plugin
    path = "stores/S001.sqlite"         # relative to this file
    mode = "distributed"                # autonomous | distributed | centralized
    currency = "USD"
    time_zone = "America/Chicago"
    day_begins = "04:00"                # when the shop's business day begins, in its zone; 00:00 if left out
    group = "midwest"
    territories = ["IL"]                # whose customers it sees
    customers = ["gln:0614141000012"]   # single customers besides, by key
    assortments = ["*"]                 # which products; "*" is all
    price_lists = ["RTL-IL", "RTL"]     # price zones, the first that has a price wins
    locations = ["gln:0614141000029"]   # stock, own prices and orders of these places
    all_orders = false                  # else those of its locations, its single customers and of the store itself
    cards = 5000                        # its tills may write customers' cards with at most so many rights; else none
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, field_validator

from hub.errors import ConfigurationError
from hub.located import did_you_mean, read_toml
from hub.replication.keys import stated_key
from hub.validation import Configured, validated

EVERYTHING = "*"

_STORES = 200_000
_BYTES = 500 * _STORES
"""A store takes about 300 bytes of the file."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = tuple[Word, ...] | None


class Store(Configured):
    """A point of sale and its scope. A scope list that is left out means everything for an autonomous store, which
    must decide alone, and nothing for the others. ``path`` is absolute once loaded by ``load_stores``."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    name: str = ""
    kind: Word = "sqlite"
    path: Path | None = None
    mode: Literal["autonomous", "distributed", "centralized"] = "autonomous"
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    time_zone: str = "UTC"
    day_begins: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "00:00"
    group: str = ""
    territories: Words = None
    customers: Words = None
    assortments: Words = None
    price_lists: Words = None
    locations: Words = None
    all_orders: bool | None = None
    cards: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{name}' is no time zone; use an IANA name such as Europe/Berlin") from None
        return name

    def scope(self, name: str) -> tuple[str, ...]:
        """The scope list ``name`` with its default by mode; ``*`` in it is everything."""
        words: Words = getattr(self, name)
        if words is None:
            return (EVERYTHING,) if self.mode == "autonomous" else ()
        return words

    def places(self) -> tuple[str, ...]:
        """Its own locations, by key or bare id."""
        return tuple(word for word in self.scope("locations") if word != EVERYTHING)

    @property
    def sees_all_orders(self) -> bool:
        """Whether every order is in its scope: as ``all_orders`` says, else only for an autonomous store."""
        return self.mode == "autonomous" if self.all_orders is None else self.all_orders

    def settings(self) -> dict[str, object]:
        """What the till must know about its store; travels with every checkpoint."""
        return {
            "store": self.id,
            "name": self.name,
            "mode": self.mode,
            "currency": self.currency,
            "time_zone": self.time_zone,
            "day_begins": self.day_begins,
            "price_lists": list(self.scope("price_lists")),
            "locations": [stated_key(word) for word in self.places()],
            "cards": self.cards,
        }


class _File(Configured):
    store: tuple[Store, ...] = Field(default=(), max_length=_STORES)


def load_stores(path: Path) -> tuple[Store, ...]:
    """The stores of a ``stores.toml``; none where the file does not exist. Raises ``ConfigurationError`` with file
    and line for what cannot be right: unknown keys, two stores of one id, two stores that share a file."""
    if not path.exists():
        return ()
    located = read_toml(path, _BYTES)
    stores = []
    ids: dict[str, int] = {}
    places: dict[Path, str] = {}
    for index, store in enumerate(validated(_File, located).store):
        if store.id in ids:
            raise located.error(
                ("store", index, "id"),
                f"two stores are called '{store.id}'",
                f"The other one is at line {located.line(('store', ids[store.id], 'id'))}; every store has its own id.",
            )
        ids[store.id] = index
        place = (path.parent / (store.path or Path("stores", f"{store.id}.sqlite"))).absolute()
        if place in places:
            raise located.error(
                ("store", index, "path"),
                f"stores '{places[place]}' and '{store.id}' would write the same file {place.name}",
                "Every store has its own replica.",
            )
        places[place] = store.id
        stores.append(store.model_copy(update={"path": place}))
    return tuple(stores)


def stores_of(stores: Iterable[Store], store: str | None = None, group: str | None = None) -> tuple[Store, ...]:
    """The one store ``store``, or those of ``group``, or all. Raises ``ConfigurationError`` for a name that no store
    has, with the nearest that exist."""
    every = tuple(stores)
    chosen = tuple(one for one in every if (store is None or one.id == store) and (group is None or one.group == group))
    if store is not None and not chosen:
        raise ConfigurationError(
            f"there is no store '{store}'" + (f" in group '{group}'" if group is not None else ""),
            hint=did_you_mean(store, [one.id for one in every]) or "Add it to stores.toml.",
        )
    if group is not None and not chosen:
        raise ConfigurationError(
            f"no store is in group '{group}'", hint=did_you_mean(group, {one.group for one in every if one.group})
        )
    return chosen
