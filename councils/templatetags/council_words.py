"""Words of councils' own pages."""

from django import template

from cases.words import Level
from councils import wording

register = template.Library()


@register.filter
def about(item) -> str:
    """The question as a line of the agenda."""
    return wording.about(item)


@register.simple_tag
def levels():
    return Level.choices


@register.simple_tag
def typed(form, name, otherwise):
    """What was typed into the field when the form came back with an error; else `otherwise`."""
    if form and getattr(form, "is_bound", False) and name in form.data:
        return form.data[name]
    return otherwise
