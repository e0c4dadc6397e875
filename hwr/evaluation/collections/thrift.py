"""Structs of Thrift's compact protocol, in which Parquet files describe themselves, read from bytes of strangers.

The protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_DEEPEST = 16


class Reader:
    """Reads structs.

    Args:
        data: where they stand.
        most: values that are read altogether, since a byte may be a struct.
    """

    def __init__(self, data: bytes, most: int) -> None:
        self.data = data
        self.at = 0
        self.left = most

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """The struct that begins here: its values (bool, int, bytes, list, dict) by field number.

        Raises:
            IndexError: it goes on after the data.
            ValueError: it isn't one, or has more values than are read, or is deeper.
        """
        if depth > _DEEPEST:
            raise ValueError("too deep")
        fields: dict[int, Any] = {}
        number = 0
        while byte := self._byte():
            step, kind = byte >> 4, byte & 15
            number = number + step if step else self._integer()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise ValueError("too many values")
        if kind in _INTEGERS:
            return self._integer()
        if kind == _BINARY:
            return self._bytes(self._unsigned())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            byte = self._byte()
            count, inner = byte >> 4, byte & 15
            return [self._value(inner, depth + 1) for _ in range(self._unsigned() if count == 15 else count)]
        if kind in (_TRUE, _FALSE, _BYTE):  # in a list, a boolean is a byte of its own
            return self._byte()
        if kind == _DOUBLE:
            return self._bytes(8)
        raise ValueError("no such type")

    def _byte(self) -> int:
        byte = self.data[self.at]
        self.at += 1
        return byte

    def _bytes(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self.data):
            raise IndexError
        return self.data[self.at - count : self.at]

    def _unsigned(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("no number")

    def _integer(self) -> int:
        zigzag = self._unsigned()
        return zigzag >> 1 ^ -(zigzag & 1)
