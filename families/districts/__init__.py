"""Figures of a district at a day and its social passport."""
