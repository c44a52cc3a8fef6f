"""Addresses of «Бонусная программа семьи», within those of casework."""

from django.urls import path

from cases.views import bonus, dictionaries

urlpatterns = [
    path("<int:case>/", bonus.BonusDetail.as_view(), name="bonus-detail"),
    path("<int:case>/award/", bonus.BonusAward.as_view(), name="bonus-award"),
    path("<int:case>/spend/", bonus.BonusSpend.as_view(), name="bonus-spend"),
    path("<int:case>/print/", bonus.BonusPrint.as_view(), name="bonus-print"),
    path("entries/<int:bonusentry>/cancel/", bonus.BonusCancel.as_view(), name="bonus-cancel"),
    path("steps/", dictionaries.StepList.as_view(), name="bonus-step-list"),
    path("steps/new/", dictionaries.StepNew.as_view(), name="bonus-step-new"),
    path("steps/<int:bonusstep>/", dictionaries.StepEdit.as_view(), name="bonus-step-edit"),
    path("steps/<int:bonusstep>/retire/", dictionaries.StepRetire.as_view(), name="bonus-step-retire"),
    path("steps/<int:bonusstep>/restore/", dictionaries.StepRestore.as_view(), name="bonus-step-restore"),
    path("rewards/", dictionaries.RewardList.as_view(), name="bonus-reward-list"),
    path("rewards/new/", dictionaries.RewardNew.as_view(), name="bonus-reward-new"),
    path("rewards/<int:bonusreward>/", dictionaries.RewardEdit.as_view(), name="bonus-reward-edit"),
    path("rewards/<int:bonusreward>/retire/", dictionaries.RewardRetire.as_view(), name="bonus-reward-retire"),
    path("rewards/<int:bonusreward>/restore/", dictionaries.RewardRestore.as_view(), name="bonus-reward-restore"),
]
