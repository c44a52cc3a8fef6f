from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    label = "cases"
    verbose_name = "Случаи"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        # declare what is printed and what falls due
        from cases import (  # noqa: F401
            dispatching,
            district_figures,
            documents,
            duties,
            families_list,
            newborn,
            quality,
            reading,
            terms,
        )
        from families import keepers, lists
        from families.districts import figures
        from families.finding import search
        from families.merging import references
        from families.models.papers import follow_consents
        from families.protected import Protected, protect
        from families.quality.catalogue import declare
        from families.quality.watch import watch
        from sopr.accounts.policy import Perm
        from sopr.obligations.models import add_answered

        follow_consents(terms.reset_family)
        keepers.add_road(reading.keepers_by_case)
        keepers.add_reach(reading.cases_kept)
        keepers.add_road(dispatching.keepers)
        keepers.add_reach(dispatching.kept)
        keepers.add_road(newborn.keepers)
        keepers.add_reach(newborn.kept)
        add_answered(reading.cases_answered_for)
        figures.add_figures(district_figures.figures)
        search.add_road(reading.families_by_case_number)
        # What the psychologist and the curator wrote down to support a score.
        protect(Protected("cases.DomainScore", "evidence", Perm.CASE_WORK))
        # What the family told the dispatcher, and what came of it.
        protect(
            Protected("cases.DispatchRequest", "asked", Perm.CASE_WORK),
            Protected("cases.DispatchRequest", "problem", Perm.CASE_WORK),
            Protected("cases.DispatchService", "result", Perm.CASE_WORK),
            Protected("cases.DispatchAttempt", "note", Perm.CASE_WORK),
        )
        # What is told of a woman who thinks of leaving her child: as health is (постановление РБ № 572).
        protect(
            Protected("cases.NewbornRisk", "circumstances", Perm.HEALTH_VIEW),
            Protected("cases.NewbornRisk", "outcome_note", Perm.HEALTH_VIEW),
            Protected("cases.NearPerson", "full_name", Perm.HEALTH_VIEW),
            Protected("cases.NearPerson", "help", Perm.HEALTH_VIEW),
            Protected("cases.NewbornQuestionnaire", "comment", Perm.HEALTH_VIEW),
            Protected("cases.NewbornHelp", "note", Perm.HEALTH_VIEW),
        )
        references.name_rows("cases.case", "случаи", "support")
        references.name_rows("cases.casemember", "участие в случаях")
        references.name_rows("cases.contact_people", "участие в контактах")
        references.name_rows("cases.benefitnote", "записи о мерах поддержки")
        references.name_rows("cases.certificate", "семейные сертификаты, которые согласовал или получил человек")
        references.name_rows("cases.contract", "договоры, которые подписал человек")
        references.name_rows("cases.dispatchrequest", "обращения в диспетчерскую")
        references.name_rows("cases.newbornrisk", "записи раздела «Под крылом аиста»")
        references.name_rows("cases.rentalloan", "вещи, взятые в прокат")
        references.say_conflict(
            "one_open_case_per_family_and_organisation",
            "у обеих семей в одной организации открыт случай ({ours} и {theirs}): завершите один из них. Снимите семью "
            "с сопровождения решением совета или запишите её отказ",
        )
        references.say_conflict(
            "one_open_dispatch_request_per_family",
            "у обеих семей открыто обращение в диспетчерскую ({ours} и {theirs}): закройте одно из них",
        )
        references.say_conflict(
            "one_newborn_risk_going_on_per_woman",
            "о женщине открыты две записи раздела «Под крылом аиста» ({ours} и {theirs}): запишите исход одной из них",
        )
        references.say_conflict(
            "one_programme_per_member",
            "в одном случае у обеих записей есть своя утверждаемая советом ИПСС ({ours} и {theirs}): программы не "
            "соединяются. Оставьте обе записи, а лишней отметьте выбытие из семьи",
        )
        references.name_rows("cases.enrolment", "записи на занятия", "support")
        references.name_rows("cases.individualroute", "индивидуальные маршруты", "support")
        for rule in ("one_open_enrolment_of_a_person", "one_open_enrolment_of_a_family"):
            references.say_conflict(
                rule,
                "обе записаны в одну группу занятий: в списке группы отметьте выбытие одной из двух записей",
            )
        references.say_conflict(
            "one_going_route_of_a_minor",
            "в одном случае у обеих записей идёт свой индивидуальный маршрут: завершите один из них",
        )
        lists.extend(
            filters=families_list.filters,
            columns=families_list.COLUMNS,
            decorate=families_list.decorate,
            curator=families_list.curator,
        )
        declare(*quality.PROBLEMS)
        watch(quality.WATCHED)
