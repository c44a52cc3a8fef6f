"""Indicators: sources (tables), measures (conditions), facts (declared), rows (lines of a form)."""
