"""The pages of docs/walkthroughs as tests: each command is carried out, and what it prints compared with the page."""
