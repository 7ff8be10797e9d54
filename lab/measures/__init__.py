# SPDX-License-Identifier: MIT
"""What lab/compare.py measures with. From the bottom up: processes, servers
and their loads, slices of time, counts, the report; then one module for each
measure."""
