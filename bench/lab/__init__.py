# SPDX-License-Identifier: MIT
"""The laboratory of bench/compare.py. From the bottom up: processes, servers
and their loads, slices of time, counts, what is reported; then a module per
measure."""
