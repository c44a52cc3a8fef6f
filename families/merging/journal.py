"""Steps of a merge: each is done, written down as plain data, and taken back.

Steps are taken back in the opposite order, and only where the row still stands as the merge left it: what people
changed afterwards is theirs.
"""

import datetime
import json
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.apps import apps
from django.core import serializers


@dataclass(frozen=True)
class Move:
    """Rows that pointed at `old` point at `new`."""

    model: str
    field: str
    pks: tuple[int, ...]
    old: int
    new: int

    def do(self):
        self._rows().update(**{self.field: self.new})

    def undo(self) -> list[str]:
        self._rows().filter(**{self.field: self.new}).update(**{self.field: self.old})
        return []

    def _rows(self):
        return _rows(self.model).filter(pk__in=self.pks)


@dataclass(frozen=True)
class Change:
    """Values of one row: {column: (old, new)} as plain data.

    `apart`: each value returns by itself, else all of them or none.
    """

    model: str
    pk: int
    values: dict
    apart: bool = False

    @classmethod
    def of(cls, row, values: dict, *, apart=False) -> "Change":
        """The change of `row` to `values` ({column: new value})."""
        plain = {name: (_plain(getattr(row, name)), _plain(new)) for name, new in values.items()}
        return cls(row._meta.label_lower, row.pk, plain, apart)

    def do(self):
        row = _rows(self.model).get(pk=self.pk)
        self._write(row, {name: new for name, (_old, new) in self.values.items()})

    def undo(self) -> list[str]:
        """Put the old values back; returns titles of those that were edited since and stay."""
        row = _rows(self.model).filter(pk=self.pk).first()
        if row is None:
            return []
        edited = [name for name, (_old, new) in self.values.items() if _plain(getattr(row, name)) != new]
        if edited and not self.apart:
            return [str(row._meta.verbose_name)]
        self._write(row, {name: old for name, (old, _new) in self.values.items() if name not in edited})
        return [str(_field(row, name).verbose_name) for name in edited]

    @staticmethod
    def _write(row, values):
        for name, value in values.items():
            setattr(row, name, _field(row, name).to_python(value))
        if values:
            row.save(update_fields=[_field(row, name).name for name in values])


@dataclass(frozen=True)
class Remove:
    """A row that stood twice is taken out; `twin` is the one that stands for it, `data` the row as it was."""

    model: str
    pk: int
    twin: int
    data: dict

    @classmethod
    def of(cls, row, twin) -> "Remove":
        columns = [column.name for column in row._meta.concrete_fields]
        data = json.loads(serializers.serialize("json", [row], fields=columns))[0]
        return cls(row._meta.label_lower, row.pk, twin.pk, data)

    def do(self):
        _rows(self.model).filter(pk=self.pk).delete()

    def undo(self) -> list[str]:
        for row in serializers.deserialize("python", [self.data]):
            row.save()
        return []


_KINDS = {"move": Move, "change": Change, "remove": Remove}


def write_down(steps) -> list[dict]:
    """Steps as the data of a `Merge`."""
    kinds = {kind: name for name, kind in _KINDS.items()}
    return [{"act": kinds[type(step)]} | asdict(step) for step in steps]


def read_back(journal) -> list:
    """Steps of a journal, in the order they were taken."""
    return [_KINDS[line["act"]](**{name: value for name, value in line.items() if name != "act"}) for line in journal]


def _rows(label):
    return apps.get_model(label)._base_manager


def _field(row, attname):
    return next(column for column in row._meta.concrete_fields if column.attname == attname)


def _plain(value):
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
