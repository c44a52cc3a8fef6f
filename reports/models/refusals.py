"""What may not be done with a report now, and why: each verb of `Report` asks first, each page shows the answer."""

from django.utils import timezone

from sopr.accounts.policy import Role


class Refusals:
    """Reasons in Russian; empty when the act may be done."""

    @property
    def is_all_zero(self) -> bool:
        """Whether every number in it is zero or empty."""
        return not any(_tells(cell) for cell in self.snapshot["cells"] if cell["origin"] != "plan")

    def why_not_own(self, user) -> str:
        """Why this user may look but not compute or correct: a report is made by whose it is."""
        if self.is_regional and user.role != Role.MINISTRY:
            return "Сводный отчёт составляет министерство."
        if not self.is_regional and self.organisation_id != user.organisation_id:
            return "Отчёт организации пересчитывает и исправляет сама организация."
        return ""

    def why_not_recompute(self) -> str:
        """Why it cannot be computed now, in Russian; empty when it can."""
        if self.is_frozen:
            return "Отчёт подписан, его числа не меняются. Чтобы исправить, создайте новую редакцию."
        return ""

    def why_not_sign(self) -> str:
        """Why the head cannot sign now; empty when he can."""
        return self._why_not_hand_in() or self._why_not_explained() or self._why_not_answered()

    def why_not_nothing(self) -> str:
        """Why «сведений нет» cannot be declared; empty when it can."""
        reason = self._why_not_hand_in() or self._why_not_answered()
        if reason:
            return reason
        if not self.is_all_zero:
            return "В отчёте есть числа больше нуля: «сведений нет» заявить нельзя. Подпишите отчёт как обычно."
        return ""

    def why_not_return(self) -> str:
        if self.state != self.State.SUBMITTED:
            return f"Вернуть можно представленный отчёт, а этот — {self.get_state_display()}."
        return ""

    def why_not_approve(self) -> str:
        if self.is_regional:
            return self._why_not_freeze()
        if self.state == self.State.APPROVED:
            return "Отчёт уже утверждён."
        if self.state != self.State.SUBMITTED:
            return f"Утвердить можно представленный отчёт, а этот — {self.get_state_display()}."
        return ""

    def why_not_reopen(self) -> str:
        if self.is_regional:
            return "Сводный отчёт министерство исправляет само, новой редакцией."
        if self.state != self.State.APPROVED:
            return "Открыть для исправления можно утверждённый отчёт."
        if self.reopened_at:
            return "Отчёт уже открыт для исправления."
        return ""

    def why_not_correct(self) -> str:
        if self.state not in (self.State.RETURNED, self.State.APPROVED):
            return "Новая редакция создаётся, когда отчёт возвращён или утверждён."
        if type(self).objects.filter(previous=self).exists():
            return "Новая редакция уже создана."
        if self.is_closed and not self.is_regional:
            return "Отчёт утверждён, квартал закрыт. Чтобы исправить его, попросите министерство открыть отчёт."
        return ""

    def _why_not_freeze(self) -> str:
        if self.is_frozen:
            return f"Отчёт уже {self.get_state_display()}."
        if not self.checksum:
            return "Отчёт ещё не рассчитан. Нажмите «Пересчитать»."
        if self.until >= timezone.localdate():
            return f"Период закончится {self.until:%d.%m.%Y}: подписать отчёт можно на следующий день."
        return ""

    def _why_not_hand_in(self) -> str:
        if self.is_regional:
            return "Сводный отчёт утверждает министерство."
        if self._why_not_freeze():
            return self._why_not_freeze()
        errors = self.checked("error")
        if errors:
            found = "; ".join(error["title"] for error in errors)
            return f"Подписать пока нельзя: {found}. Исправьте и пересчитайте отчёт."
        return ""

    def _why_not_explained(self) -> str:
        warnings = {check["code"]: check["title"] for check in self.checked("warn")}
        if not warnings:
            return ""
        explained = dict(self.check_words.values_list("check_code", "found"))
        left = [code for code, title in warnings.items() if explained.get(code) != title]
        return f"Поясните предупреждения проверок перед подписью: осталось {len(left)}." if left else ""

    def _why_not_answered(self) -> str:
        left = self.previous.remarks.filter(answer="").count() if self.previous_id else 0
        return f"Ответьте на замечания министерства к ячейкам: осталось {left}." if left else ""


def _tells(cell) -> bool:
    """Whether a cell tells of anything at all: «да» and a word are no numbers, parts of a number are."""
    if cell["kind"] == "pair":
        return any(cell["value"])
    return bool(cell["value"]) and (cell["kind"] in ("number", "percent") or cell["numerator"] is not None)
