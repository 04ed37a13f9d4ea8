"""Forced forks and clean switchovers on a lab, judged by `reader verify`: what the guard is for."""
