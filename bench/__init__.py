"""Benchmarks: ratios of this program to a baseline, both measured in the same run. See docs/performance.md."""
