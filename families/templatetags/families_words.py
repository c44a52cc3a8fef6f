"""Words of the family card that agree with a person."""

from django import template

from families.forms import match as match_forms
from sopr.documents import names
from sopr.web.forms import format_snils

register = template.Library()


@register.filter
def by_sex(person, forms):
    """`{{ row.by|by_sex:"принял,приняла,принято:" }}`: for a man, for a woman, for one whose sex cannot be told."""
    return names.by_sex(person, *forms.split(","))


@register.simple_tag(takes_context=True)
def match_token(context, like, organisation):
    """Names a family alike of another organisation for the button «Запросить сверку»."""
    return match_forms.match_token(like.family, organisation, context["request"].user)


@register.filter
def snils(digits):
    """«11223344595» → «112-233-445 95»."""
    return format_snils(digits)
