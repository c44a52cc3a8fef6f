"""Files of a report, made from its snapshot alone: so that page, PDF, Excel and JSON cannot disagree."""
