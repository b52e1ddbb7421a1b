#!/usr/bin/env bash
# The hook agent for Python against the real service. Needs Python >= 3.9 (PYTHON names another one) and the installed
# workspace. Arguments name tests: scripts/test-python.sh test_refusals. Last line: `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; }

for python in ${PYTHON:-python3 python}; do
  if new_enough "$python"; then
    exec "$python" hook-agents/python/test/run.py "$@"
  fi
done
echo "skipped: there is no Python 3.9 or newer here"
echo "0 passed, 0 failed"
