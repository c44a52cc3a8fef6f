"""Pages of reports, by act: making, life, cells (lists and files), facts, region."""
