"""Faults at the sink, in number, and afterwards a comparison of the topic with the destination."""
