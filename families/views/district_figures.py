"""The list behind a number of a district: live at a day, or as it was frozen with a passport."""

from functools import cached_property

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from families.districts import figures
from families.districts.figures import in_district
from families.districts.lines import NOTE, Lines, columns_of
from families.models import DistrictPassport, Family
from families.views.districts import DistrictModule, DistrictPage, asked_day, district_url
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.web import xlsx
from sopr.web.pages import DetailPage
from sopr.web.tables import Head, Table, build_row

SHOWN = 50
ORDER = {Family: ("search_text", "pk")}
ORDER_OF_PEOPLE = ("-birth_on", "pk")


class _FigureList(DetailPage):
    """Rows of one figure; a subclass says which, at which day."""

    permission = Perm.DISTRICT_VIEW
    template_name = "families/district_figure.html"
    audit_read = "search"

    def get(self, request, *args, **kwargs):
        self.object  # noqa: B018 — found or 404 before anything else
        self.figure  # noqa: B018
        if request.GET.get("as") == "xlsx":
            record(request.user, "export", self.object, detail={"page": self.page_name, "figure": self.figure.code})
            return xlsx.list_response(
                [*columns_of(self.figure.source.model), NOTE],
                self.lines.all(self.subjects),
                title=f"{self.get_title()}, {self.get_note()}",
                note=f"{request.user.short_name}, {timezone.localtime():%d.%m.%Y %H:%M}",
                file_name=f"uchastok-{self.object.pk}-{self.figure.code}",
            )
        return super().get(request, *args, **kwargs)

    @cached_property
    def figure(self) -> figures.Figure:
        found = figures.find(self.kwargs["figure"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def subjects(self):
        """The families or people counted, in the order of the list."""
        return self.get_subjects().order_by(*ORDER.get(self.figure.source.model, ORDER_OF_PEOPLE))

    @cached_property
    def lines(self):
        return Lines(self.request.user, self.day, self.get_families(), sensitive=self.figure.sensitive)

    def get_title(self):
        return self.figure.title[:1].upper() + self.figure.title[1:]

    def get_context_data(self, **context):
        page = Paginator(self.subjects, SHOWN).get_page(self.request.GET.get("page"))
        columns = columns_of(self.figure.source.model)
        rows = self.lines.of(list(page.object_list))
        return super().get_context_data(
            **(
                {
                    "figure": self.figure,
                    "day": self.day,
                    "page_obj": page,
                    "total": page.paginator.count,
                    "table": Table([Head(column) for column in columns], [build_row(columns, row) for row in rows]),
                    "xlsx_url": f"?on={self.day.isoformat()}&as=xlsx",
                }
                | context
            )
        )


class DistrictFigure(DistrictPage, _FigureList):
    """The list by the very condition that counted the number, at the day asked for."""

    permission = Perm.DISTRICT_VIEW

    @cached_property
    def day(self):
        return asked_day(self.request)

    def get_note(self):
        return f"{self.object.name}, на {self.day:%d.%m.%Y}"

    def get_breadcrumbs(self):
        *above, (name, url) = super().get_breadcrumbs()
        return [*above, (name, f"{url}?on={self.day.isoformat()}")]

    def get_subjects(self):
        return self.figure.subjects(self.object.pk, self.day)

    def get_families(self):
        return Family.objects.filter(in_district(self.object.pk, self.day)).values("pk")


class PassportFigure(DistrictModule, _FigureList):
    """The list kept with the number of a passport."""

    model = DistrictPassport

    def get_queryset(self):
        return super().get_queryset().select_related("district")

    @property
    def day(self):
        return self.object.on

    def get_note(self):
        return f"{self.object.district.name}, паспорт на {self.day:%d.%m.%Y}"

    def get_breadcrumbs(self):
        passport = self.object
        return [
            ("Участки", reverse("families:district-list")),
            (passport.district.name, district_url(passport.district)),
            (str(passport), reverse("families:passport-detail", args=[passport.pk])),
        ]

    def get_subjects(self):
        kept = self.object.counted.get(self.figure.code)
        if kept is None:
            raise Http404
        return self.figure.source.model.objects.filter(pk__in=kept)

    def get_families(self):
        return self.object.counted["families"]

    def get_context_data(self, **context):
        return super().get_context_data(**({"frozen": True} | context))
