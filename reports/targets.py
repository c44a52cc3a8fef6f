"""Plan targets, as the cells of reports ask for them."""

from decimal import Decimal


class Targets:
    """The plans that may fill the columns of a form."""

    def __init__(self, form, columns):
        self.form, self.columns = form, columns

    def value(self, row_code: str, scope, column) -> Decimal | None:
        """The plan of a row for an organisation (id) or the region; None = no plan."""
        return None
