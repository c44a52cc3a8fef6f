"""Bringing a register in from one workbook; its sheets and columns are stable."""
