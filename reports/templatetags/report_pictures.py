"""Pictures of a report for its page: `{% load report_pictures %}{% pictures_of report as pictures %}`."""

from django import template

from reports import pictures

register = template.Library()


@register.simple_tag
def pictures_of(report) -> list:
    """The pictures of the report's snapshot; none before it is computed."""
    return pictures.pictures_of(report.snapshot) if report.snapshot else []
