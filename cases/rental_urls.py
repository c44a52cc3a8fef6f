"""Addresses of the rental point, within those of casework."""

from django.urls import path

from cases.views import rental, rental_loans

urlpatterns = [
    path("", rental.RentalList.as_view(), name="rental-list"),
    path("new/", rental.RentalNew.as_view(), name="rental-new"),
    path("<int:rentalitem>/", rental.RentalDetail.as_view(), name="rental-detail"),
    path("<int:rentalitem>/edit/", rental.RentalEdit.as_view(), name="rental-edit"),
    path("<int:rentalitem>/choose/", rental.RentalChoose.as_view(), name="rental-choose"),
    path("<int:rentalitem>/repair/", rental.RentalRepair.as_view(), name="rental-repair"),
    path("<int:rentalitem>/repaired/", rental.RentalRepaired.as_view(), name="rental-repaired"),
    path("<int:rentalitem>/write-off/", rental.RentalWriteOff.as_view(), name="rental-write-off"),
    path("lend/<int:family>/", rental_loans.RentalLend.as_view(), name="rental-lend"),
    path("loans/", rental_loans.RentalLoanList.as_view(), name="rental-loan-list"),
    path("loans/<int:rentalloan>/return/", rental_loans.RentalReturn.as_view(), name="rental-return"),
    path("loans/<int:rentalloan>/prolong/", rental_loans.RentalProlong.as_view(), name="rental-prolong"),
    path("loans/<int:rentalloan>/print/", rental_loans.RentalPrint.as_view(), name="rental-print"),
]
