"""What the region has made of the dictionary of templates: a line of an organisation's own, one that is retired."""

from cases.dictionaries import load_factors, load_plan_templates, load_problem_groups
from cases.models import Activity, Factor, PlanTemplate, ProblemGroup
from cases.words import Domain, HelpKind
from sopr.accounts.models import OrganisationKind


def dictionaries(region):
    load_factors(Factor)  # there already, unless the database was emptied after its migrations
    load_plan_templates(PlanTemplate)
    load_problem_groups(ProblemGroup)
    head = region.users["head"]
    PlanTemplate.objects.create(
        organisation=head.organisation, domain=Domain.PARENTING, problem="Родителям не с кем посоветоваться",
        goal="Найти круг родителей, с которыми можно говорить о детях", criterion="Семья приходит в клуб сама, без напоминаний",
        title="Родительский клуб «Чай по четвергам»", kind=HelpKind.SOCIAL, agency_kind=OrganisationKind.SOCIAL,
        within_days=60, repeats=Activity.Repeat.WEEKLY, times=8,
    )  # fmt: skip
    PlanTemplate.objects.get(code="housing-things").retire(by=region.users["administrator"])
