"""Matching rows with what the register has: create, update what differs, leave the rest."""


def merge(model, existing, wanted):
    """Create or update instances: `existing` {key: instance}, `wanted` {key: values}.

    Returns {key: instance} for all of `wanted`.
    """
    new, changed, fields = {}, [], set()
    for key, values in wanted.items():
        instance = existing.get(key)
        if instance is None:
            new[key] = model(**values)
            continue
        differing = [name for name, value in values.items() if getattr(instance, name) != value]
        if differing:
            for name in differing:
                setattr(instance, name, values[name])
            changed.append(instance)
            fields.update(differing)
    for instance in [*new.values(), *changed]:
        if hasattr(instance, "fill_keys"):
            fields.update(instance.fill_keys())
    if changed:  # first: a period must end before the next one may begin
        model.objects.bulk_update(changed, fields, batch_size=200)
    model.objects.bulk_create(new.values())
    return existing | new


def by_code(model, field, values) -> dict:
    """{number: instance} of the rows whose `field` is among `values`."""
    return {getattr(row, field): row for row in model.objects.filter(**{f"{field}__in": set(values)})}


def ids(model, field, values) -> dict:
    """{number: id}, for references."""
    return dict(model.objects.filter(**{f"{field}__in": set(filter(None, values))}).values_list(field, "id"))


def column(batch, title) -> list:
    return [row[title] for _n, row in batch if row.get(title)]


def is_ours(instance) -> bool:
    """Whether the import may write the row: new, or brought in by an import; live rows are people's work."""
    return instance is None or instance.imported
