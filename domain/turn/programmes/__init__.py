"""Programmes that may help, by country, with what decides about each and where that is written."""
