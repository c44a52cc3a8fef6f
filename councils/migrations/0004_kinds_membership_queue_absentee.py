"""Kinds and regulations of councils, their history; the whole membership; merged, put off and system's questions;
voting by correspondence."""

import councils.models.council
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from sopr.audit.append_only import ForbidChanges


def name_the_cause(apps, schema_editor):
    """Until now the system asked only about terms of levels."""
    apps.get_model("councils", "AgendaItem").objects.filter(by_system=True).update(cause="term")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_districts_are_walked"),
        ("cases", "0018_visits"),
        ("councils", "0003_question_put_by_the_system"),
        ("documents", "0002_attachments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ballot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("for", "за"),
                            ("against", "против"),
                            ("abstained", "воздерживаюсь"),
                            ("recused", "заявляю самоотвод"),
                        ],
                        max_length=12,
                        verbose_name="голос",
                    ),
                ),
            ],
            options={
                "verbose_name": "голос",
                "verbose_name_plural": "голоса",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="BallotSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="поступил")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="дата на бумажном бюллетене")),
            ],
            options={
                "verbose_name": "бюллетень",
                "verbose_name_plural": "бюллетени",
            },
        ),
        migrations.CreateModel(
            name="CouncilEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="когда")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "совет добавлен"),
                            ("amended", "изменён регламент"),
                            ("seated", "вошёл в состав"),
                            ("ended", "вышел из состава"),
                            ("replaced", "состав сменён целиком"),
                            ("substitute", "изменён замещающий"),
                        ],
                        max_length=12,
                        verbose_name="что",
                    ),
                ),
                ("changes", models.JSONField(default=list, verbose_name="изменения")),
            ],
            options={
                "verbose_name": "изменение совета",
                "verbose_name_plural": "изменения совета",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="also",
            field=models.TextField(blank=True, db_default="", default="", editable=False, verbose_name="и ещё"),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("term", "подходит срок уровня"),
                    ("assignment", "не исполнено поручение"),
                    ("relapse", "рецидив после снятия"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=12,
                verbose_name="почему вынесла система",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="councils.agendaitem",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="not_before",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="отложен до"),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="put_off_because",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="почему отложен"
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="to_organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
                verbose_name="кому передать",
            ),
        ),
        migrations.AddField(
            model_name="council",
            name="absentee",
            field=models.BooleanField(
                default=councils.models.council.default_absentee, verbose_name="заочное голосование"
            ),
        ),
        migrations.AddField(
            model_name="council",
            name="districts",
            field=models.ManyToManyField(
                blank=True, related_name="councils", to="accounts.district", verbose_name="участки"
            ),
        ),
        migrations.AddField(
            model_name="council",
            name="kind",
            field=models.CharField(default=councils.models.council.default_kind, max_length=32, verbose_name="вид"),
        ),
        migrations.AddField(
            model_name="council",
            name="order_number",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="номер распоряжения"
            ),
        ),
        migrations.AddField(
            model_name="council",
            name="order_on",
            field=models.DateField(blank=True, null=True, verbose_name="дата распоряжения"),
        ),
        migrations.AddField(
            model_name="council",
            name="substitutes",
            field=models.BooleanField(
                default=councils.models.council.default_substitutes, verbose_name="члена совета может замещать другой"
            ),
        ),
        migrations.AddField(
            model_name="councilmembership",
            name="order_number",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="номер распоряжения"
            ),
        ),
        migrations.AddField(
            model_name="councilmembership",
            name="order_on",
            field=models.DateField(blank=True, null=True, verbose_name="дата распоряжения"),
        ),
        migrations.AddField(
            model_name="councilmembership",
            name="substitute",
            field=models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="кто замещает"),
        ),
        migrations.AddField(
            model_name="councilmembership",
            name="votes",
            field=models.BooleanField(db_default=True, default=True, verbose_name="голосует"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="ballots_until",
            field=models.DateField(blank=True, null=True, verbose_name="бюллетени принимаются по"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="form",
            field=models.CharField(
                choices=[("in_person", "очное"), ("absentee", "заочное голосование")],
                db_default="in_person",
                default="in_person",
                max_length=12,
                verbose_name="форма",
            ),
        ),
        migrations.AlterField(
            model_name="agendaitem",
            name="question",
            field=models.CharField(
                choices=[
                    ("recognise", "признать нуждающейся"),
                    ("refuse", "отказать"),
                    ("programme", "утвердить ИПСС"),
                    ("level", "изменить уровень"),
                    ("prolong", "продлить"),
                    ("remove", "снять с сопровождения"),
                    ("transfer", "передать в другую организацию"),
                    ("other", "иное"),
                ],
                max_length=12,
                verbose_name="вопрос",
            ),
        ),
        migrations.AlterField(
            model_name="agendaitem",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "в очереди"),
                    ("scheduled", "в повестке"),
                    ("decided", "решён"),
                    ("returned", "возвращён"),
                    ("withdrawn", "снят"),
                    ("merged", "объединён"),
                ],
                default="queued",
                editable=False,
                max_length=12,
                verbose_name="состояние",
            ),
        ),
        migrations.AlterField(
            model_name="councilmembership",
            name="role",
            field=models.CharField(
                choices=[
                    ("chair", "председатель"),
                    ("deputy", "заместитель председателя"),
                    ("secretary", "секретарь"),
                    ("member", "член совета"),
                    ("invited", "приглашённый"),
                ],
                default="member",
                max_length=12,
                verbose_name="роль",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="question",
            field=models.CharField(
                choices=[
                    ("recognise", "признать нуждающейся"),
                    ("refuse", "отказать"),
                    ("programme", "утвердить ИПСС"),
                    ("level", "изменить уровень"),
                    ("prolong", "продлить"),
                    ("remove", "снять с сопровождения"),
                    ("transfer", "передать в другую организацию"),
                    ("other", "иное"),
                ],
                max_length=12,
                verbose_name="решение",
            ),
        ),
        migrations.RunPython(name_the_cause, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("state", "merged")),
                    models.Q(models.Q(("state", "merged"), _negated=True), ("merged_into", None)),
                    _connector="OR",
                ),
                name="merged_item_has_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by_system", True), models.Q(("cause", ""), _negated=True)),
                    models.Q(("by_system", False), ("cause", "")),
                    _connector="OR",
                ),
                name="system_says_why_it_asks",
            ),
        ),
        migrations.AddConstraint(
            model_name="councilmembership",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("role", "invited"), _negated=True), ("votes", False), _connector="OR"),
                name="invited_do_not_vote",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("form", "absentee"), _negated=True), ("ballots_until__isnull", False), _connector="OR"
                ),
                name="absentee_meeting_has_deadline",
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ballots", to="councils.agendaitem"
            ),
        ),
        migrations.AddField(
            model_name="ballotsheet",
            name="attendance",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="sheet", to="councils.attendance"
            ),
        ),
        migrations.AddField(
            model_name="ballotsheet",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="кто внёс",
            ),
        ),
        migrations.AddField(
            model_name="ballotsheet",
            name="scan",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.attachment",
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="sheet",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ballots", to="councils.ballotsheet"
            ),
        ),
        migrations.AddField(
            model_name="councilevent",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="councilevent",
            name="council",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="councils.council"
            ),
        ),
        migrations.AddField(
            model_name="councilevent",
            name="membership",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="councils.councilmembership",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scan", None), ("signed_on", None)),
                    models.Q(("scan__isnull", False), ("signed_on__isnull", False)),
                    _connector="OR",
                ),
                name="paper_ballot_has_date_and_scan",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(fields=("sheet", "item"), name="one_ballot_per_question"),
        ),
        migrations.AddIndex(
            model_name="councilevent",
            index=models.Index(fields=["council", "-at", "-id"], name="council_history"),
        ),
        ForbidChanges("councils_councilevent"),
        ForbidChanges("councils_ballotsheet"),
        ForbidChanges("councils_ballot"),
    ]
