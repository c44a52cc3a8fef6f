"""manage.py verify_audit: check the audit log's hash chain from the first row to the last."""

from django.core.management.base import BaseCommand, CommandError

from sopr.audit.chain import problems
from sopr.audit.models import AuditHead


class Command(BaseCommand):
    help = "Checks the audit log row by row and names every row that was changed, deleted or inserted past it."

    def handle(self, **options):
        found = 0
        for problem in problems():
            found += 1
            self.stdout.write(str(problem))
        if found:
            raise CommandError(f"Журнал действий нарушен: замечаний {found}.", returncode=1)
        head = AuditHead.objects.filter(pk=1).first()
        count, seal = (head.count, head.last_hash) if head else (0, "–")
        # Kept elsewhere (on paper, in a mail), this pair also shows that the whole database was put back from a copy.
        self.stdout.write(f"Журнал действий цел. Записей: {count}. Последний отпечаток: {seal}")
