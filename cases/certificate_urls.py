"""Addresses of «Семейный сертификат», within those of casework."""

from django.urls import path

from cases.views import certificate

urlpatterns = [
    path("", certificate.CertificateList.as_view(), name="certificate-list"),
    path("issue/<int:case>/", certificate.CertificateIssue.as_view(), name="certificate-issue"),
    path("<int:certificate>/", certificate.CertificateDetail.as_view(), name="certificate-detail"),
    path("<int:certificate>/print/", certificate.CertificatePrint.as_view(), name="certificate-print"),
    path("<int:certificate>/hand-over/", certificate.CertificateHandOver.as_view(), name="certificate-hand-over"),
    path("<int:certificate>/mark/", certificate.CertificateMarkPage.as_view(), name="certificate-mark"),
    path("<int:certificate>/withdraw/", certificate.CertificateWithdraw.as_view(), name="certificate-withdraw"),
    path("marks/<int:certificatemark>/erase/", certificate.CertificateUnmark.as_view(), name="certificate-unmark"),
]
