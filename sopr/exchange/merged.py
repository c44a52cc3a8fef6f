"""Numbers that a merge made old: a file that still bears them means the cards that stand for them now."""

from functools import cached_property

from families.models import Family, Person


class Merged:
    """Old numbers and the cards that stand for them."""

    COLUMNS = (("Номер семьи", "families"), ("Номер человека", "people"))

    @cached_property
    def families(self) -> dict:
        return _survivors(Family)

    @cached_property
    def people(self) -> dict:
        return _survivors(Person)

    def follow(self, sheet, batch):
        """The batch with old numbers replaced; the merged card's own row keeps its number."""
        if not self.families and not self.people:
            return batch
        followed = []
        for n, row in batch:
            changed = {}
            for title, kind in self.COLUMNS:
                survivor = getattr(self, kind).get(row.get(title))
                if survivor and not (title == "Номер семьи" and sheet.title == "Семьи"):
                    changed[title] = survivor
            if changed.get("Номер человека") and sheet.title == "Люди":
                changed["merged"] = True
            followed.append((n, row | changed))
        return followed

    def concerns(self, sheet, row) -> bool:
        """Whether the row is about a merged card itself: what was decided about it stands."""
        return bool(row.get("merged")) or (sheet.title == "Семьи" and row["Номер семьи"] in self.families)


def _survivors(model):
    """{number of a merged card: number of the card that stands for it now}; chains are followed to their end."""
    pairs = dict(model.objects.filter(merged_into__isnull=False).values_list("number", "merged_into__number"))
    survivors = {}
    for number, target in pairs.items():
        seen = {number}
        while target in pairs and target not in seen:
            seen.add(target)
            target = pairs[target]
        survivors[number] = target
    return survivors
