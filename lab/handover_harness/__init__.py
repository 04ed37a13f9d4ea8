"""Faults × load × expected verdict: the soak, the scenarios, the forced forks and the random campaign, as tables.

`entries` has the tables, `handover_lab.vocabulary` the words for faults, `bench` what all of them work with. `lab/harness KIND` runs one kind."""
