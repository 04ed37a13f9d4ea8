"""Measures the sink beside PostgreSQL's own speed; benchmarks/README.md says what and how."""
