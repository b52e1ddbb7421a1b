#!/bin/sh
# Installs the Claude Agent SDK outside the repository and prints the folder that has it in its node_modules; reused
# when present. Without its binary: install-claude.sh gives the CLI of the same version, which other tests need too.
# AGENT_SDK_VERSION and AGENT_SDK_CACHE choose another version or folder. Measured: 6 s, 68 MB.
set -eu

version="${AGENT_SDK_VERSION:-0.3.329}"
cache="${AGENT_SDK_CACHE:-/var/tmp/agent-session-store/agent-sdk-$version}"

if ! [ -e "$cache" ]; then
  staging="$cache.$$"
  trap 'rm -rf "$staging"' EXIT
  mkdir -p "$staging"
  npm install --prefix "$staging" --omit=optional --no-fund --no-audit --no-progress --loglevel=error \
    "@anthropic-ai/claude-agent-sdk@$version" >&2
  # A rename fails when another install was first; then that one is used.
  node -e 'require("node:fs").renameSync(...process.argv.slice(1))' "$staging" "$cache" 2>/dev/null || [ -e "$cache" ]
fi
echo "$cache"
