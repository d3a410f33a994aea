"""Which keys came before, in about 16 bytes a key: an order that comes back must be noticed in files of any length."""

from __future__ import annotations

import os
from array import array
from hashlib import blake2b


class Seen:
    """A set of texts kept as 64-bit keyed hashes in one flat table. The key is drawn for each file, so that nobody
    can prepare two order numbers that collide."""

    def __init__(self) -> None:
        self._key = os.urandom(16)
        self._table = array("Q", bytes(8 * 1024))
        self._count = 0

    def add(self, text: str) -> bool:
        """Remember ``text``; False if it was there already."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key).digest()
        if not self._put(self._table, int.from_bytes(digest, "big") or 1):
            return False
        self._count += 1
        if self._count * 4 > len(self._table) * 3:
            larger = array("Q", bytes(16 * len(self._table)))
            for one in self._table:
                if one:
                    self._put(larger, one)
            self._table = larger
        return True

    @staticmethod
    def _put(table: array[int], value: int) -> bool:
        mask = len(table) - 1
        at = value & mask
        while table[at]:
            if table[at] == value:
                return False
            at = (at + 1) & mask
        table[at] = value
        return True
