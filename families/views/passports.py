"""Social passports of a district: drawn up, read, printed, taken away as a spreadsheet."""

from django.http import FileResponse
from django.urls import reverse

from families.districts import files as passport_files
from families.districts import passports
from families.districts.documents import PASSPORT
from families.forms.districts import PassportForm
from families.models import DistrictPassport
from families.views.districts import DistrictModule, DistrictPage, asked_day, district_url
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, FormPage
from sopr.web.xlsx import CONTENT_TYPE


class PassportNew(DistrictPage, FormPage):
    """Freeze the figures of a day with the conclusions from them."""

    title = "Составить паспорт"
    form_class = PassportForm
    template_name = "families/passport_new.html"
    submit_title = "Составить паспорт"
    success_message = "Паспорт составлен. Его числа больше не изменятся."

    def check_moment(self):
        if self.object.closed_on:
            raise Refused(f"Участок закрыт {self.object.closed_on:%d.%m.%Y}. Паспорт составляют по действующему.")

    def get_form(self, data=None, files=None):
        return PassportForm(data, initial={"on": asked_day(self.request)})

    def get_context_data(self, **context):
        day = asked_day(self.request)
        previous = self.object.passports.filter(on__lt=day).order_by("-on").first()
        return super().get_context_data(
            **(
                {
                    "day": day,
                    "day_url": f"{district_url(self.object)}?on={day.isoformat()}",
                    "previous": previous,
                    "settlements": self.object.settlements.count(),
                    "places": self.object.places.count(),
                }
                | context
            )
        )

    def act(self, form):
        data = form.cleaned_data
        passport = DistrictPassport.draw_up(
            self.object, by=self.request.user, on=data["on"], conclusions=data["conclusions"]
        )
        return reverse("families:passport-detail", args=[passport.pk])


class _PassportPage(DistrictModule, DetailPage):
    permission = Perm.DISTRICT_VIEW
    model = DistrictPassport

    def get_queryset(self):
        return super().get_queryset().select_related("district__municipality", "organisation", "by")


class PassportDetail(_PassportPage):
    """A frozen passport: its numbers with their lists, beside those of the passport before it."""

    template_name = "families/passport_detail.html"

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx":
            passport = self.object
            record(request.user, "export", passport, detail={"page": self.page_name})
            return FileResponse(
                passport_files.write(passport),
                as_attachment=True,
                filename=f"{PASSPORT.stem(passport)}.xlsx",
                content_type=CONTENT_TYPE,
            )
        return super().get(request, *args, **kwargs)

    def get_title(self):
        return f"Социальный паспорт участка на {self.object.on:%d.%m.%Y}"

    def get_note(self):
        return f"{self.object.content['district']}, {self.object.content['municipality']}"

    def get_breadcrumbs(self):
        district = self.object.district
        return [
            ("Семьи", reverse("families:family-list")),
            ("Участки", reverse("families:district-list")),
            (district.name, district_url(district)),
            (str(self.object), None),
        ]

    def get_main_action(self):
        return Action("Печать", reverse("families:passport-print", args=[self.object.pk]), "printer")

    def get_actions(self):
        return [Action("Excel", "?as=xlsx", "download")]

    def list_url(self, code):
        return reverse("families:passport-figure", args=[self.object.pk, code])

    def get_context_data(self, **context):
        passport = self.object
        content = passport.content
        previous = None
        if content["previous"]:
            previous = passport.district.passports.filter(on=content["previous"]["on"]).brief().first()
        return super().get_context_data(
            **(
                {
                    "passport": passport,
                    "content": content,
                    "sections": passports.sections(content, self.list_url),
                    "totals": passports.totals(content),
                    "previous": previous,
                }
                | context
            )
        )


class PassportPrint(_PassportPage):
    """The passport on paper."""

    audit_read = ""

    def show(self, status=200, **context):
        return pdf_response(PASSPORT, self.object, by=self.request.user)
