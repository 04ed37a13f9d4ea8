"""Faults under load on the whole lab, each with the verdict that it must end with."""
