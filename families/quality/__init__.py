"""Качество данных: what is wrong in the cards of an organisation, kept so that lists and counts read it by an index.

`catalogue` says what can be wrong; `watch` has the database note every card whose facts change; `kept` checks those
cards, and all of them on a new day, before anybody reads.
"""
