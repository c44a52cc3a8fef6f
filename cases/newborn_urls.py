"""Addresses of «Под крылом аиста», within those of casework."""

from django.urls import path

from cases.views import newborn, newborn_figures

urlpatterns = [
    path("", newborn.NewbornList.as_view(), name="newborn-list"),
    path("figures/", newborn_figures.NewbornFigures.as_view(), name="newborn-figures"),
    path("start/<int:family>/", newborn.NewbornStart.as_view(), name="newborn-start"),
    path("near/<int:nearperson>/edit/", newborn.NewbornNearEdit.as_view(), name="newborn-near-edit"),
    path("<int:newbornrisk>/", newborn.NewbornDetail.as_view(), name="newborn-detail"),
    path("<int:newbornrisk>/edit/", newborn.NewbornEdit.as_view(), name="newborn-edit"),
    path("<int:newbornrisk>/assign/", newborn.NewbornAssign.as_view(), name="newborn-assign"),
    path("<int:newbornrisk>/before/", newborn.NewbornAsk.as_view(), name="newborn-before"),
    path("<int:newbornrisk>/after/", newborn.NewbornAskAfter.as_view(), name="newborn-after"),
    path("<int:newbornrisk>/near/", newborn.NewbornNear.as_view(), name="newborn-near"),
    path("<int:newbornrisk>/help/", newborn.NewbornHelpPage.as_view(), name="newborn-help"),
    path("<int:newbornrisk>/outcome/", newborn.NewbornOutcome.as_view(), name="newborn-outcome"),
    path("<int:newbornrisk>/case/", newborn.NewbornCase.as_view(), name="newborn-case"),
]
