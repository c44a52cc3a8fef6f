"""Addresses of «Правовой навигатор семьи», within those of casework."""

from django.urls import path

from cases.views import benefit, benefit_dictionary

urlpatterns = [
    path("", benefit_dictionary.BenefitList.as_view(), name="benefit-list"),
    path("new/", benefit_dictionary.BenefitNew.as_view(), name="benefit-new"),
    path("load/", benefit_dictionary.BenefitLoad.as_view(), name="benefit-load"),
    path("<int:benefit>/", benefit_dictionary.BenefitDetail.as_view(), name="benefit-detail"),
    path("<int:benefit>/revise/", benefit_dictionary.BenefitRevise.as_view(), name="benefit-revise"),
    path("<int:benefit>/end/", benefit_dictionary.BenefitEnd.as_view(), name="benefit-end"),
    path("<int:benefit>/confirm/", benefit_dictionary.BenefitConfirm.as_view(), name="benefit-confirm"),
    path("family/<int:family>/", benefit.BenefitFamily.as_view(), name="benefit-family"),
    path("family/<int:family>/print/", benefit.BenefitPrint.as_view(), name="benefit-print"),
    path("family/<int:family>/<int:benefit>/note/", benefit.BenefitNoteNew.as_view(), name="benefit-note"),
]
