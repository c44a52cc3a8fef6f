"""Words of the family card that agree with a person."""

from django import template

from sopr.documents import names

register = template.Library()


@register.filter
def by_sex(person, forms):
    """`{{ row.by|by_sex:"принял,приняла,принято:" }}`: for a man, for a woman, for one whose sex cannot be told."""
    return names.by_sex(person, *forms.split(","))
