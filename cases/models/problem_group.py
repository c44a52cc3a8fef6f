"""The region's dictionary of problem groups, by which the single window groups families."""

from django.db import models


class ProblemGroup(models.Model):
    """Группа проблем: an entry of the region's dictionary; families are grouped by it."""

    title = models.CharField("название", max_length=120, unique=True)
    usual_services = models.TextField(
        "обычные услуги", blank=True, help_text="Каждая с новой строки: диспетчер выберет их из подсказки."
    )
    is_active = models.BooleanField("используется", default=True)

    class Meta:
        verbose_name = "группа проблем"
        verbose_name_plural = "группы проблем"
        ordering = ["title"]

    def __str__(self):
        return self.title

    @property
    def services(self) -> list[str]:
        return [line.strip() for line in self.usual_services.splitlines() if line.strip()]
