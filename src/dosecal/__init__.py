"""Dated injections from a dosing schedule as the label states it."""
