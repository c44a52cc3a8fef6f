"""Django's ``flush``, made to know about append-only tables: refused in production, possible on a test database."""

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from sopr.audit.append_only import lift, protected_tables, restore
from sopr.web import frozen


class Command(flush.Command):
    help = "Refused: the audit log and the history are never emptied. Tests use it on their own database."

    def handle(self, **options):
        if not settings.TESTING:
            raise CommandError(
                "The audit log and the history of cases are never emptied. For an empty product make a new database."
            )
        connection = connections[options["database"]]
        tables = protected_tables(connection)
        lift(connection, tables)
        thawed = frozen.lift(connection)
        try:
            super().handle(**options)
        finally:
            frozen.restore(connection, thawed)
            restore(connection, tables)
