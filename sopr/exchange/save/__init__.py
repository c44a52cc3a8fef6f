"""Saving checked rows: batch by batch, matched by their numbers, changing only what differs."""

from sopr.exchange.save import cases, councils, facts, families, organisations

# What saves each sheet: a function of a batch [(row number, row)].
SAVERS = {
    "Муниципальные образования": organisations.save_municipalities,
    "Организации": organisations.save_organisations,
    "Специалисты": organisations.save_specialists,
    "Семьи": families.save_families,
    "Люди": families.save_people,
    "Случаи": cases.save_cases,
    "Уровни": cases.save_levels,
    "Мероприятия": cases.save_activities,
    "Советы": councils.save_councils,
    "Заседания": councils.save_meetings,
    "Вопросы": councils.save_questions,
    "Анкеты": cases.save_surveys,
    "Соцконтракты": facts.save_social_contracts,
    "Информирование": facts.save_informing,
    "События с детьми": facts.save_child_events,
    "Учёт": facts.save_register_entries,
    "Сведения организаций": facts.save_facts,
}
