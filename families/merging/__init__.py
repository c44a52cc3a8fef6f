"""Two cards that are one family, two records of one human being, one card that is two families."""
