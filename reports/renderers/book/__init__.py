"""The parts of an Excel book of reports: its looks, the official table with formulas, the sheets beside it."""
