"""The lab of Handover: the whole pipeline on one machine, as ordinary processes."""
