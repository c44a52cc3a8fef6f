"""Bring the dictionaries of casework up to what this version of the product holds, leaving the region's rows alone."""

from django.core.management.base import BaseCommand
from django.db import transaction

from cases import dictionaries
from cases.models import Factor, PlanTemplate, ProblemGroup


class Command(BaseCommand):
    help = "Adds the rows of dictionaries that a new version brings; never changes or deletes a row that is there."

    @transaction.atomic
    def handle(self, **options):
        self.stdout.write(f"Факторы диагностики: добавлено {dictionaries.load_factors(Factor)}")
        self.stdout.write(f"Шаблоны мероприятий: добавлено {dictionaries.load_plan_templates(PlanTemplate)}")
        self.stdout.write(f"Группы проблем: добавлено {dictionaries.load_problem_groups(ProblemGroup)}")
