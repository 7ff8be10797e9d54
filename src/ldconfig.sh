#!/bin/sh
# SPDX-License-Identifier: MIT
# After an installation to this system by root: the loader's cache is made
# anew. Anywhere else there is nothing to do, and nothing is said.
[ -z "${DESTDIR-}" ] && [ "$(id -u)" = 0 ] || exit 0
PATH=$PATH:/usr/sbin:/sbin
command -v ldconfig >/dev/null || exit 0
ldconfig 2>/dev/null || :
