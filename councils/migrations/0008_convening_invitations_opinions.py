"""Calendar, invitations with answers, opinions of agencies."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from sopr.audit.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_districts_are_walked"),
        ("councils", "0007_meeting_in_progress"),
        ("documents", "0002_attachments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="called_agencies",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="accounts.organisation", verbose_name="кого вызвать"
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="cancel_reason",
            field=models.TextField(blank=True, editable=False, verbose_name="причина отмены"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="duration",
            field=models.PositiveSmallIntegerField(default=120, verbose_name="продолжительность, минут"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="extraordinary",
            field=models.BooleanField(default=False, verbose_name="внеочередное"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="ground",
            field=models.TextField(blank=True, verbose_name="основание внеочередного заседания"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="sequence",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="meeting",
            name="video_link",
            field=models.URLField(blank=True, max_length=300, verbose_name="ссылка на видеосвязь"),
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="версия")),
                ("question", models.TextField(verbose_name="о чём спрашиваем")),
                ("due_on", models.DateField(verbose_name="ответить до")),
                (
                    "asked_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="запрошен"),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="ведомство",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to="councils.agendaitem",
                        verbose_name="вопрос",
                    ),
                ),
            ],
            options={
                "verbose_name": "отзыв",
                "verbose_name_plural": "отзывы",
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="OpinionAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="отзыв")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="когда")),
                (
                    "attachment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.attachment",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "opinion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="councils.opinion"
                    ),
                ),
            ],
            options={
                "verbose_name": "ответ ведомства",
                "verbose_name_plural": "ответы ведомств",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="версия")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "буду"), ("no", "не буду"), ("substitute", "будет замещающий")],
                        max_length=12,
                        verbose_name="ответ",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="причина")),
                ("substitute", models.CharField(blank=True, max_length=120, verbose_name="кто замещает")),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="когда ответил")),
                ("sent_sequence", models.PositiveIntegerField(editable=False, null=True)),
                ("sent_method", models.CharField(blank=True, editable=False, max_length=8)),
                ("sent_at", models.DateTimeField(editable=False, null=True, verbose_name="отправлено")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="councils.meeting"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="councils.councilmembership",
                    ),
                ),
            ],
            options={
                "verbose_name": "приглашение",
                "verbose_name_plural": "приглашения",
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "membership"), name="one_invitation_per_member"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", "no"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refused_invitation_says_why",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="opinion",
            index=models.Index(fields=["agency", "due_on", "id"], name="opinion_agency_due"),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.UniqueConstraint(fields=("item", "agency"), name="one_opinion_of_agency_per_item"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["held_on", "id"], name="meeting_held"),
        ),
        ForbidChanges("councils_opinionanswer"),
    ]
