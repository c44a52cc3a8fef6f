"""The card on paper: the timeline as it is filtered, the passport of the family."""

from django.utils import timezone

from families.chronicle import Asked, last_visit
from families.documents import PASSPORT, revealed
from families.keepers import keeps
from families.models import Family
from families.timeline import GROUPS, entries_of
from families.views.family import family_url
from sopr.accounts.models import User
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.audit.models import Action as Act
from sopr.documents.pdf import pdf_response
from sopr.web.pages import DetailPage


class TimelinePrint(DetailPage):
    """The entries that the card shows under the same filters, all of them, for paper."""

    permission = Perm.FAMILY_VIEW
    model = Family
    template_name = "families/timeline_print.html"
    title = "Хроника семьи"
    audit_read = "print"

    def get_context_data(self, **context):
        user, family = self.request.user, self.object
        asked = Asked.read(self.request.GET, last_visit=last_visit(family, user), reader=user.pk, whole=True)
        author = User.objects.filter(pk=asked.who).first() if asked.who else None
        return super().get_context_data(
            **{
                "entries": entries_of(family, user.organisation_id, in_full=keeps(user, family)),
                "asked": asked,
                "family_gen": family.surname_in("gen"),
                "kind_title": GROUPS.get(asked.kind, ""),
                "author": author,
                "back_url": family_url(family) + asked.link(),
                "print_note": f"{user.short_name}, {timezone.localtime():%d.%m.%Y %H:%M}",
            }
            | context
        )


class FamilyPrint(DetailPage):
    """The passport of the family as PDF; the registry records the print."""

    permission = Perm.FAMILY_VIEW
    model = Family
    title = "Паспорт семьи"
    audit_read = ""

    def show(self, status=200, **context):
        shown = revealed(self.object, self.request.user)
        if shown:  # what of the protected fields went onto paper stands in the log beside the print
            record(self.request.user, Act.READ, self.object, detail={"page": self.page_name, "shown": shown})
        return pdf_response(PASSPORT, self.object, by=self.request.user, reader=self.request.user)
