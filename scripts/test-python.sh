#!/usr/bin/env bash
# The hook agent for Python against the real service. Needs Python >= 3.9 (PYTHON names another than python3) and the
# installed workspace. Arguments name tests: scripts/test-python.sh test_refusals. Last line: `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
  echo "$python is not there or older than 3.9" >&2
  exit 1
fi
exec "$python" hook-agents/python/test/run.py "$@"
